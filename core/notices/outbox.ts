import type { Pool } from 'pg'
import { z } from 'zod'
import type { Capabilities } from '../chat/capabilities.ts'
import type { FittedMessage } from '../chat/fit.ts'
import { fit, plainFallback } from '../chat/fit.ts'
import { KeyedQueue } from '../chat/keyed-queue.ts'
import { localise } from '../chat/localise.ts'
import type { ChatPlatform, Delivery, Outgoing } from '../chat/platform.ts'
import { tokensOf } from '../chat/screen.ts'
import type { Post } from '../chat/store.ts'
import type { View } from '../chat/view.ts'
import { fitWords } from '../chat/words.ts'
import type { Clock } from '../clock.ts'
import type { Localiser } from '../i18n/index.ts'
import type { Log } from '../log.ts'

/** Rows claimed from the table at once: enough to fill a restart's backlog, few enough to share between replicas. */
const CLAIM_ROWS = 50

/** A claimed row is left alone by others for this long. */
const CLAIM_HOLD_SECONDS = 30

/** Delivered rows are cleared together: one statement for many messages instead of one each. */
const CLEAR_AFTER_MS = 100
const CLEAR_ROWS = 100

/** A wait the platform asks for is sat out in memory up to this; a longer one goes back to the table. */
const LONGEST_WAIT_IN_MEMORY_SECONDS = 25

/** After this many failures a message is given up and reported: some eight hours of retries. */
const MOST_ATTEMPTS = 40

/** One message on its way: a row, and the view it was made from. */
type Letter = {
  readonly id: string
  readonly platform: string
  readonly chatId: string
  readonly screenId: string
  readonly view: View
  readonly language: string
  readonly place: 'new' | 'edit'
  readonly editRef: string | null
  readonly onlyFor: string | null
  /** Nobody waits for it this moment: it keeps the platform's pace. */
  readonly paced: boolean
  attempts: number
}

const Row = z.object({
  id: z.coerce.string(),
  platform: z.string(),
  chat_id: z.string(),
  screen_id: z.string(),
  // Written by us as a View; its shape is checked by the types where it was made.
  view: z.custom<View>((value) => typeof value === 'object' && value !== null && 'blocks' in value),
  language: z.string(),
  place: z.enum(['new', 'edit']),
  edit_ref: z.string().nullable(),
  only_for: z.string().nullable(),
  attempts: z.number(),
})

export type OutboxDependencies = {
  readonly pool: Pool
  readonly platforms: ReadonlyMap<string, ChatPlatform>
  readonly localiser: Localiser
  readonly clock: Clock
  readonly log: Log
  /** Tells operators of a message that could not be shown as it was meant. */
  readonly report: (kind: string, key: string, detail: Record<string, string>) => void
}

export type Outbox = ReturnType<typeof createOutbox>

/**
 * Sends messages: straight from memory after a commit, from the table after a crash, a rate limit or an outage.
 * Messages of one chat go out in order; chats never wait for each other.
 */
export function createOutbox(dependencies: OutboxDependencies) {
  const { pool, platforms, localiser, clock, log, report } = dependencies
  const queue = new KeyedQueue()
  /** Until when the platform told us to leave a chat alone (epoch ms). */
  const quietUntil = new Map<string, number>()
  /** Times of the last paced messages of a chat, for the burst. */
  const recent = new Map<string, number[]>()
  const delivered: { id: string; screenId: string; refs: string[] }[] = []
  /** The newest edit of each view that is on its way: an older one need not be shown any more. */
  const newestEdit = new Map<string, string>()
  let clearing: ReturnType<typeof setTimeout> | null = null
  let clearRun: Promise<void> = Promise.resolve()
  let sweeping: Promise<void> | null = null
  let sweepAgain = false
  let stopped = false

  const chatKey = (letter: { platform: string; chatId: string }) => `${letter.platform}\n${letter.chatId}`

  const editKey = (letter: Letter) => `${chatKey(letter)}\n${letter.view.id}`
  const isSuperseded = (letter: Letter) =>
    letter.place === 'edit' && letter.editRef === null && (newestEdit.get(editKey(letter)) ?? letter.id) !== letter.id

  function dispatch(letter: Letter): void {
    if (letter.place === 'edit' && letter.editRef === null) newestEdit.set(editKey(letter), letter.id)
    void queue
      .run(chatKey(letter), () => deliver(letter))
      .catch((error: unknown) => log.error({ error, outboxId: letter.id }, 'a message stays in the outbox'))
  }

  async function deliver(letter: Letter): Promise<void> {
    const platform = platforms.get(letter.platform)
    if (!platform || stopped) return
    if (letter.paced && !isSuperseded(letter)) await keepPace(letter, platform.capabilities)
    if (isSuperseded(letter)) return drop(letter)
    newestEdit.delete(editKey(letter))
    const language = localiser.nearest(letter.language)
    const local = localise(letter.view, localiser, language)
    const tokens = tokensOf(local, letter.screenId)
    const messages = fit(local, platform.capabilities, tokens, fitWords(localiser, language))
    const before = letter.place === 'edit' ? await refsOf(letter) : []
    const refs: string[] = []
    for (const [position, message] of messages.entries()) {
      const sent = await deliverOne(platform, letter, message, before[position])
      if (sent === 'later' || sent === 'given-up') return
      refs.push(sent)
    }
    clear({ id: letter.id, screenId: letter.screenId, refs })
  }

  /** The native message's ref, or what became of the letter. */
  async function deliverOne(
    platform: ChatPlatform,
    letter: Letter,
    message: FittedMessage,
    edit: string | undefined,
  ): Promise<string | 'later' | 'given-up'> {
    let outgoing: Outgoing = {
      chatId: letter.chatId,
      tone: letter.view.tone,
      message,
      ...(edit !== undefined && { edit }),
      ...(letter.onlyFor !== null && { onlyFor: letter.onlyFor }),
    }
    for (;;) {
      await quiet(letter)
      if (stopped) return 'later'
      const delivery: Delivery = await platform.deliver(outgoing)
      switch (delivery.kind) {
        case 'delivered':
          return delivery.ref
        case 'message-gone': {
          const { edit: _gone, ...anew } = outgoing
          outgoing = anew
          continue
        }
        case 'retry-later': {
          letter.attempts += 1
          if (letter.attempts >= MOST_ATTEMPTS) return giveUp(letter, 'message-undeliverable', delivery.reason)
          quietUntil.set(chatKey(letter), clock.now().getTime() + delivery.afterSeconds * 1000)
          if (delivery.afterSeconds <= LONGEST_WAIT_IN_MEMORY_SECONDS) {
            await hold(letter, delivery.afterSeconds + CLAIM_HOLD_SECONDS)
            continue
          }
          await hold(letter, delivery.afterSeconds)
          return 'later'
        }
        case 'chat-gone':
          return giveUp(letter, 'chat-gone', delivery.reason)
        case 'refused': {
          report('message-refused', `refused:${letter.platform}:${letter.view.id.split(':')[0]}`, {
            reason: delivery.reason,
            view: letter.view.id,
          })
          const plain = plainFallback(message)
          if (isSame(plain, outgoing.message)) return giveUp(letter, 'message-refused-as-text', delivery.reason)
          outgoing = { ...outgoing, message: plain }
          continue
        }
      }
    }
  }

  /** Progress that is outdated before it was shown. */
  async function drop(letter: Letter): Promise<void> {
    await pool.query('DELETE FROM outbox WHERE id = $1', [letter.id])
  }

  async function giveUp(letter: Letter, kind: string, reason: string): Promise<'given-up'> {
    log.warn({ outboxId: letter.id, view: letter.view.id, reason, kind }, 'a message was given up')
    if (kind !== 'chat-gone') report(kind, `${kind}:${letter.platform}:${letter.chatId}`, { reason, view: letter.view.id })
    await pool.query('DELETE FROM outbox WHERE id = $1', [letter.id])
    return 'given-up'
  }

  const hold = (letter: Letter, seconds: number) =>
    pool.query(`UPDATE outbox SET next_attempt_at = now() + make_interval(secs => $2), attempts = $3 WHERE id = $1`, [
      letter.id,
      seconds,
      letter.attempts,
    ])

  async function quiet(letter: Letter): Promise<void> {
    const until = quietUntil.get(chatKey(letter))
    if (until === undefined) return
    await wait(until - clock.now().getTime())
    if ((quietUntil.get(chatKey(letter)) ?? 0) <= clock.now().getTime()) quietUntil.delete(chatKey(letter))
  }

  /** Unasked messages share a chat's allowance: a burst at once, then one every so many seconds. */
  async function keepPace(letter: Letter, { pace }: Capabilities): Promise<void> {
    const key = chatKey(letter)
    const windowMs = pace.secondsPerMessage * pace.burst * 1000
    const now = clock.now().getTime()
    const times = (recent.get(key) ?? []).filter((time) => time > now - windowMs)
    const oldest = times[times.length - pace.burst]
    if (oldest !== undefined) await wait(oldest + windowMs - now)
    recent.set(key, [...times, clock.now().getTime()])
  }

  /** Where the message to edit is: as the press told it, or the newest of that view in the chat. */
  async function refsOf(letter: Letter): Promise<string[]> {
    if (letter.editRef !== null) return [letter.editRef]
    await flush()
    const { rows } = await pool.query(
      `SELECT message_refs FROM screens WHERE platform = $1 AND chat_id = $2 AND view_id = $3 AND message_refs <> '{}' AND id <> $4 ORDER BY created_at DESC LIMIT 1`,
      [letter.platform, letter.chatId, letter.view.id, letter.screenId],
    )
    return z.array(z.object({ message_refs: z.array(z.string()) })).parse(rows)[0]?.message_refs ?? []
  }

  function clear(row: { id: string; screenId: string; refs: string[] }): void {
    delivered.push(row)
    if (delivered.length >= CLEAR_ROWS) void flush()
    else clearing ??= setTimeout(() => void flush(), CLEAR_AFTER_MS)
  }

  /** Clears what was delivered; rows that can't be cleared now are tried again with the next. */
  function flush(): Promise<void> {
    if (clearing) clearTimeout(clearing)
    clearing = null
    clearRun = clearRun.then(async () => {
      const rows = delivered.splice(0)
      if (rows.length === 0) return
      try {
        await pool.query({ name: 'chat_delivered', text: 'SELECT chat_delivered($1::jsonb)', values: [JSON.stringify(rows)] })
      } catch (error) {
        delivered.push(...rows)
        log.warn({ error }, 'delivered messages could not be cleared yet')
        if (!stopped) clearing ??= setTimeout(() => void flush(), CLEAR_AFTER_MS * 10)
      }
    })
    return clearRun
  }

  async function sweepOnce(): Promise<number> {
    if (platforms.size === 0) return 0
    const { rows } = await pool.query('SELECT * FROM outbox_claim($1, $2, $3)', [
      [...platforms.keys()],
      CLAIM_ROWS,
      CLAIM_HOLD_SECONDS,
    ])
    for (const raw of rows) {
      const row = Row.parse(raw)
      dispatch({
        id: row.id,
        platform: row.platform,
        chatId: row.chat_id,
        screenId: row.screen_id,
        view: row.view,
        language: row.language,
        place: row.place,
        editRef: row.edit_ref,
        onlyFor: row.only_for,
        paced: true,
        attempts: row.attempts,
      })
    }
    return rows.length
  }

  return {
    /** Sends what was just committed. Null ids are notices that were posted before. */
    send(posts: readonly Post[], ids: readonly (string | null)[]): void {
      for (const [position, post] of posts.entries()) {
        const id = ids[position]
        if (id === null || id === undefined || !platforms.has(post.platform)) continue
        dispatch({
          id,
          platform: post.platform,
          chatId: post.chatId,
          screenId: post.screenId,
          view: post.view,
          language: post.language,
          place: post.place,
          editRef: post.editRef ?? null,
          onlyFor: post.onlyFor ?? null,
          paced: false,
          attempts: 0,
        })
      }
    },

    /** Sends what is due in the table. Calls while it runs are folded into one more run. */
    sweep(): Promise<void> {
      if (sweeping) {
        sweepAgain = true
        return sweeping
      }
      sweeping = (async () => {
        do {
          sweepAgain = false
          while ((await sweepOnce()) === CLAIM_ROWS) await queue.idle()
        } while (sweepAgain)
      })().finally(() => {
        sweeping = null
      })
      return sweeping
    },

    /** Resolves when everything handed over so far is sent (or back in the table) and cleared. */
    async idle(): Promise<void> {
      await queue.idle()
      await flush()
    },

    async stop(): Promise<void> {
      await Promise.race([queue.idle(), wait(2000)])
      stopped = true
      await flush()
    },
  }
}

const wait = (ms: number) => new Promise<void>((resolve) => (ms > 0 ? setTimeout(resolve, ms) : resolve()))
const isSame = (a: FittedMessage, b: FittedMessage) => JSON.stringify(a) === JSON.stringify(b)
