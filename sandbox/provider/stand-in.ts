import { setTimeout as sleep } from 'node:timers/promises'
import { type Context, Hono } from 'hono'
import type { Clock } from '../../core/clock.ts'
import { type Mood, moodOf } from './keys.ts'
import { createRequestLog, type LoggedRequest } from './requests.ts'

/** How a provider turns a caller away. */
export type Refusal =
  | 'wrong-key'
  | 'no-credit'
  | 'no-access'
  | 'rate-limited'
  | 'overloaded'
  | 'down'
  | 'unknown-model'
  | 'bad-request'
export type Fault = Exclude<Refusal, 'unknown-model' | 'bad-request'> | 'slow'

export type RefusalJson = { readonly status: number; readonly body: object }

export type StandInOptions = {
  readonly clock: Clock
  /** With it, the request log survives a restart. */
  readonly journalPath?: string
  /** How long the answer of a `slow` key, or of a `slow` fault, takes. */
  readonly slowSeconds?: number
}

export type ProviderModel = {
  readonly id: string
  readonly name: string
  /** Other names a call may use. */
  readonly aliases?: readonly string[]
  readonly listedAt: string
  readonly contextTokens: number
  readonly outputTokens: number
  /** Answers in text. Others are listed and cannot be talked with. */
  readonly talks: boolean
  /** The one that a key without access to the others may use. */
  readonly smallest?: boolean
}

export type ProviderControl = {
  /** The next `times` calls meet the fault, whatever key they carry; only those whose path begins with `path`. */
  fault(fault: Fault, options?: { readonly times?: number; readonly path?: string }): void
  clearFaults(): void
  removeModel(id: string): void
  restoreModels(): void
  readonly requests: readonly LoggedRequest[]
}

/** Half a minute: longer than any check waits. */
const SLOW_SECONDS = 30

/** What of a vendor differs from another. */
type Vendor = {
  /** In front of every path: `/anthropic`. */
  readonly mount: string
  /** Keys of the sandbox begin with it. */
  readonly keysBeginWith: string
  readonly models: readonly ProviderModel[]
  keyOf(context: Context): string | null
  refusal(kind: Refusal, about: { readonly model: string; readonly key: string }): RefusalJson
}

export type Turn = {
  readonly model: ProviderModel
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number }
}

/** A stand-in for an AI provider: its keys, its models, what was asked of it, and what can go wrong. The wire is the vendor's folder's. */
export function createStandIn(vendor: Vendor, { clock, journalPath, slowSeconds = SLOW_SECONDS }: StandInOptions) {
  const log = createRequestLog(journalPath)
  const armed: { fault: Fault; path: string; left: number }[] = []
  let removed: readonly string[] = []

  const turns = new WeakMap<Context, Turn>()
  const models = () => vendor.models.filter((model) => !removed.includes(model.id))
  const find = (id: string): ProviderModel | null =>
    models().find((model) => model.id === id || model.aliases?.includes(id)) ?? null

  const refuse = (context: Context, kind: Refusal, model = '') => {
    const { status, body } = vendor.refusal(kind, { model, key: vendor.keyOf(context) ?? '' })
    return new Response(JSON.stringify(body), {
      status,
      headers: { 'content-type': 'application/json', ...(kind === 'rate-limited' && { 'retry-after': '20' }) },
    })
  }

  function takeFault(path: string): Fault | null {
    const hit = armed.find((candidate) => path.startsWith(candidate.path))
    if (!hit) return null
    hit.left--
    if (hit.left <= 0) armed.splice(armed.indexOf(hit), 1)
    return hit.fault
  }

  /** What keeps this call from being answered, in the order in which a provider looks; null: nothing. */
  function refusalOf(mood: Mood | null, fault: Fault | null): Refusal | null {
    if (fault !== null && fault !== 'slow') return fault
    if (mood === null) return 'wrong-key'
    return mood === 'rate-limited' || mood === 'down' ? mood : null
  }

  const app = new Hono().basePath(vendor.mount)
  app.use('*', async (context, next) => {
    const path = context.req.path.slice(vendor.mount.length)
    const key = vendor.keyOf(context)
    const mood = key === null ? null : moodOf(key, vendor.keysBeginWith)
    const fault = takeFault(path)
    if (fault === 'slow' || mood === 'slow') await sleep(slowSeconds * 1000)
    const refusal = refusalOf(mood, fault)
    if (refusal === null) await next()
    else context.res = refuse(context, refusal)
    const turn = turns.get(context)
    log.record({
      at: clock.now().toISOString(),
      method: context.req.method,
      path,
      status: context.res.status,
      key: key?.slice(-4) ?? null,
      model: turn?.model.id ?? null,
      usage: turn?.usage ?? null,
    })
  })

  const control: ProviderControl = {
    fault: (fault, { times = 1, path = '' } = {}) => {
      armed.push({ fault, path, left: times })
    },
    clearFaults: () => {
      armed.length = 0
    },
    removeModel: (id) => {
      removed = [...removed, id]
    },
    restoreModels: () => {
      removed = []
    },
    requests: log.requests,
  }

  return {
    app,
    control,
    models,
    find,
    refuse,
    /** Why this key may not have a turn of this model; null if it may. */
    turnedAway(context: Context, model: ProviderModel | null): Refusal | null {
      const mood = moodOf(vendor.keyOf(context) ?? '', vendor.keysBeginWith)
      if (!model?.talks) return 'unknown-model'
      if (mood === 'no-credit') return 'no-credit'
      return mood === 'no-access' && !model.smallest ? 'no-access' : null
    },
    /** For the log: which model answered, and what it counted. */
    answered: (context: Context, turn: Turn) => void turns.set(context, turn),
  }
}

/** The usual rule of thumb for English; there is no tokenizer here. */
const CHARACTERS_PER_TOKEN = 4
export const tokensOf = (characters: number): number => Math.max(1, Math.ceil(characters / CHARACTERS_PER_TOKEN))

/** An answer cut to the tokens that were asked for. */
export function cutTo(text: string, mostTokens: number | null | undefined): { text: string; isCut: boolean } {
  const characters = (mostTokens ?? Number.POSITIVE_INFINITY) * CHARACTERS_PER_TOKEN
  return text.length > characters ? { text: text.slice(0, characters), isCut: true } : { text, isCut: false }
}

/** Pieces of a streamed answer, in words: small enough to be seen growing. */
const WORDS_PER_PIECE = 4

export function piecesOf(text: string): readonly string[] {
  const words = text.match(/\s*\S+/g) ?? []
  const pieces: string[] = []
  for (let at = 0; at < words.length; at += WORDS_PER_PIECE) pieces.push(words.slice(at, at + WORDS_PER_PIECE).join(''))
  return pieces
}

/** Server-sent events; with a name where the provider gives its events one. */
export function eventStream(events: readonly { readonly name?: string; readonly data: object }[]): Response {
  const encoder = new TextEncoder()
  const waiting = events.map(
    ({ name, data }) => `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`,
  )
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const event = waiting.shift()
      if (event === undefined) controller.close()
      else controller.enqueue(encoder.encode(event))
    },
  })
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' } })
}
