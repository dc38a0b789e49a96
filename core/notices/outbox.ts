import { setTimeout as sleep } from 'node:timers/promises'
import type { Pool } from 'pg'
import type { FittedMessage } from '../chat/fit.ts'
import { fit, plainFallback } from '../chat/fit.ts'
import { KeyedQueue } from '../chat/keyed-queue.ts'
import { localise } from '../chat/localise.ts'
import type { ChatPlatform, Delivery, Outgoing } from '../chat/platform.ts'
import { tokensOf } from '../chat/screen.ts'
import type { Post } from '../chat/store.ts'
import { fitWords } from '../chat/words.ts'
import type { Clock } from '../clock.ts'
import type { Localiser } from '../i18n/index.ts'
import type { Log } from '../log.ts'
import { createLane, type Lane, type Wait } from './lane.ts'
import { isProgress, type Letter, letterOfPost, letterOfRow } from './letter.ts'
import { createTable } from './table.ts'

/** Rows claimed from the table at once: enough to fill a restart's backlog, few enough to share between replicas. */
const CLAIM_ROWS = 50

/** A sweep claims no more while so many are in memory: the rest is safe in the table, and other replicas may take it. */
const MOST_IN_FLIGHT = 2000

/** A claimed row is left alone by others for this long; what is still on its way is renewed well before. */
const CLAIM_HOLD_SECONDS = 30
const RENEW_MS = 10_000

/** A wait the platform asks for is sat out in memory up to this; for a longer one the chat goes back to the table. */
const LONGEST_WAIT_IN_MEMORY_SECONDS = 25

/** A message that fails again and again waits 1, 2, 4 … seconds up to this, or longer where the platform asks. */
const LONGEST_GROWN_WAIT_SECONDS = 300

/** How long a process that stops waits for what is being sent. */
const STOP_MS = 2000

export type OutboxDependencies = {
  readonly pool: Pool
  readonly platforms: ReadonlyMap<string, ChatPlatform>
  readonly localiser: Localiser
  readonly clock: Clock
  readonly log: Log
  /** Tells operators of a message that could not be shown as it was meant. */
  readonly report: (kind: string, key: string, detail: Record<string, string>) => void
  /** Sits out a pause of so many milliseconds; tests pass their own beside their own clock. */
  readonly wait?: Wait
}

export type Outbox = ReturnType<typeof createOutbox>

/** Messages drawn ahead, by post. */
type Drawn = readonly (readonly FittedMessage[] | null)[]

/** What an attempt came to. `again`: after the chat's quiet. `ended`: the letter needs nothing more from this process. */
type Attempt = 'ended' | 'again'

/**
 * Sends messages: straight from memory after a commit, from the table after a crash, a rate limit or an outage.
 * Messages of one chat go out in order; chats never wait for each other.
 */
export function createOutbox(dependencies: OutboxDependencies) {
  const { pool, platforms, localiser, clock, log, report, wait = pause } = dependencies
  const queue = new KeyedQueue()
  const lanes = new Map<string, Lane>()
  /** Letters in memory, until their rows are gone or given back: a row claimed meanwhile is not sent again. */
  const inFlight = new Map<string, Letter>()
  /** Left while a claim was under way, whose answer may still hold them. */
  const leaving = new Set<string>()
  let claiming = false
  let renewing: ReturnType<typeof setInterval> | null = null
  let sweeping: Promise<void> | null = null
  let sweepAgain = false
  let moreInTable = false
  let stopped = false

  const table = createTable(pool, log, leave)

  function leave(id: string): void {
    if (claiming) {
      leaving.add(id)
      return
    }
    inFlight.delete(id)
    if (inFlight.size === 0 && renewing) {
      clearInterval(renewing)
      renewing = null
    }
    if (moreInTable && !stopped && inFlight.size < MOST_IN_FLIGHT / 2) {
      moreInTable = false
      void sweep().catch((error: unknown) => log.warn({ error }, 'the outbox could not be read; the next sweep follows'))
    }
  }

  async function renew(): Promise<void> {
    try {
      await table.hold([...inFlight.keys()], CLAIM_HOLD_SECONDS)
    } catch (error) {
      log.warn({ error }, 'messages on their way could not be held; another replica may send them too')
    }
  }

  function laneOf(letter: Letter): Lane {
    const key = `${letter.platform}\n${letter.chatId}`
    const lane = lanes.get(key) ?? createLane(key, clock, wait)
    lanes.set(key, lane)
    return lane
  }

  function dispatch(letter: Letter): void {
    if (stopped || inFlight.has(letter.id)) return
    const lane = laneOf(letter)
    inFlight.set(letter.id, letter)
    lane.add(letter)
    // Without unref a test or a command that only looks would hang for a message that waits.
    renewing ??= setInterval(() => void renew(), RENEW_MS).unref()
    void queue
      .run(lane.key, () => deliver(letter, lane))
      .catch((error: unknown) => log.error({ error, outboxId: letter.id }, 'a message stays in the outbox'))
  }

  async function deliver(letter: Letter, lane: Lane): Promise<void> {
    const platform = platforms.get(letter.platform)
    let cleared = false
    try {
      if (!platform) return
      if (letter.paced && !letter.returned) await lane.keepPace(letter, platform.capabilities)
      let attempt: Attempt | 'delivered' = 'again'
      while (attempt === 'again') {
        if (!(await untilQuietEnds(letter, lane))) return
        attempt = await send(platform, letter, lane)
      }
      cleared = attempt === 'delivered'
    } catch (error) {
      log.error({ error, outboxId: letter.id, view: letter.view.id }, 'a message could not be sent')
      await fail(letter, [letter], 0, 'an error on our side')
    } finally {
      lane.remove(letter)
      if (!cleared && !letter.returned) leave(letter.id)
    }
  }

  /** False when the letter is not ours to send any more. */
  async function untilQuietEnds(letter: Letter, lane: Lane): Promise<boolean> {
    if (stopped || letter.returned) return false
    const seconds = lane.quietSeconds()
    if (seconds > LONGEST_WAIT_IN_MEMORY_SECONDS) {
      await table.hold(idsOf(lane.letters), seconds)
      giveBack(lane.letters)
    } else if (seconds > 0) await wait(seconds * 1000)
    return !stopped && !letter.returned
  }

  /** A view in the reader's language and within the platform's limits. */
  function draw(
    { capabilities }: ChatPlatform,
    { view, screenId, language: wanted }: Pick<Post, 'view' | 'screenId' | 'language'>,
  ) {
    const language = localiser.nearest(wanted)
    const local = localise(view, localiser, language)
    return fit(local, capabilities, tokensOf(local, screenId), fitWords(localiser, language))
  }

  async function send(platform: ChatPlatform, letter: Letter, lane: Lane): Promise<Attempt | 'delivered'> {
    if (lane.isSuperseded(letter)) return drop(letter)
    letter.messages ??= draw(platform, letter)
    const { messages } = letter
    let before: readonly string[] = letter.editRef === null ? [] : [letter.editRef]
    if (isProgress(letter)) {
      const shown = await table.shown(letter)
      if (shown.newer) return drop(letter)
      before = shown.refs
    }
    letter.refs ??= messages.length > 1 ? await table.parts(letter) : []
    const refs = letter.refs
    // Below a newer message of its view it would be taken for how things stand.
    if (letter.leftBehind && refs.length === 0 && !isProgress(letter) && (await table.shown(letter)).newer) return drop(letter)
    for (const [position, message] of messages.entries()) {
      if (position < refs.length) continue
      const sent = await sendPart(platform, letter, lane, message, {
        edit: before[position],
        key: `${letter.screenId}.${position}`,
      })
      if (typeof sent === 'string') return sent
      refs.push(sent.ref)
      // An attempt that stops here goes on with the next part, in whichever process.
      if (refs.length < messages.length)
        await table.saveParts(letter, refs).catch((error: unknown) => log.warn({ error }, 'sent parts could not be noted'))
    }
    table.clear({ id: letter.id, screenId: letter.screenId, refs })
    return 'delivered'
  }

  /** The native message's ref, or what became of the letter. */
  async function sendPart(
    platform: ChatPlatform,
    letter: Letter,
    lane: Lane,
    message: FittedMessage,
    { edit, key }: { readonly edit: string | undefined; readonly key: string },
  ): Promise<{ readonly ref: string } | Attempt> {
    let outgoing: Outgoing = {
      chatId: letter.chatId,
      tone: letter.view.tone,
      message,
      key,
      ...(edit !== undefined && { edit }),
      ...(letter.onlyFor !== null && { onlyFor: letter.onlyFor }),
      ...(letter.answers !== null && { answers: letter.answers }),
    }
    for (;;) {
      if (stopped) return 'ended'
      letter.sending = true
      const delivery: Delivery = await platform.deliver(outgoing).finally(() => {
        letter.sending = false
      })
      switch (delivery.kind) {
        case 'delivered':
          return { ref: delivery.ref }
        case 'message-gone': {
          const { edit: _gone, ...anew } = outgoing
          outgoing = anew
          continue
        }
        case 'retry-later':
          return fail(letter, lane.letters, delivery.afterSeconds, delivery.reason, lane)
        case 'chat-gone':
          return giveUp(letter, 'chat-gone', delivery.reason)
        case 'refused': {
          report('message-refused', `refused:${letter.platform}:${letter.view.id.split(':')[0]}`, {
            reason: delivery.reason,
            view: letter.view.id,
          })
          const plain = plainFallback(message)
          if (isSame(plain, outgoing.message)) return giveUp(letter, 'message-refused-as-text', delivery.reason)
          // Other words than those that were refused: another message to whoever counts them.
          outgoing = { ...outgoing, message: plain, key: `${key}.plain` }
          continue
        }
      }
    }
  }

  /** Lets a letter, and with it the letters behind it, wait: in memory, or in the table when it takes longer or has no lane to wait in. */
  async function fail(
    letter: Letter,
    waiting: Iterable<Letter>,
    askedSeconds: number,
    reason: string,
    lane?: Lane,
  ): Promise<Attempt> {
    letter.attempts += 1
    const grown = letter.attempts < 2 ? 0 : Math.min(2 ** (letter.attempts - 2), LONGEST_GROWN_WAIT_SECONDS)
    const seconds = Math.max(askedSeconds, grown)
    lane?.beQuiet(seconds)
    const inMemory = lane !== undefined && seconds <= LONGEST_WAIT_IN_MEMORY_SECONDS
    const together = [...waiting]
    await table.hold(idsOf(together), inMemory ? seconds + CLAIM_HOLD_SECONDS : seconds)
    const state = await table.failed(letter)
    if (state === 'expired') return giveUp(letter, 'message-undeliverable', reason)
    if (state === 'gone') return 'ended'
    if (inMemory) return 'again'
    giveBack(together)
    return 'ended'
  }

  /** From here on the rows belong to whoever claims them next. */
  function giveBack(letters: Iterable<Letter>): void {
    for (const letter of letters) {
      letter.returned = true
      leave(letter.id)
    }
  }

  /** What is outdated before it was shown. */
  async function drop(letter: Letter): Promise<'ended'> {
    await table.remove(letter)
    return 'ended'
  }

  async function giveUp(letter: Letter, kind: string, reason: string): Promise<'ended'> {
    log.warn({ outboxId: letter.id, view: letter.view.id, reason, kind }, 'a message was given up')
    if (kind !== 'chat-gone') report(kind, `${kind}:${letter.platform}:${letter.chatId}`, { reason, view: letter.view.id })
    await table.remove(letter)
    return 'ended'
  }

  async function sweepOnce(): Promise<number> {
    if (platforms.size === 0 || stopped) return 0
    claiming = true
    try {
      const rows = await table.claim([...platforms.keys()], CLAIM_ROWS, CLAIM_HOLD_SECONDS)
      for (const row of rows) {
        const letter = letterOfRow(row)
        if (letter.success) dispatch(letter.data)
        else log.error({ error: letter.error }, 'a row of the outbox is not what this version writes; it stays')
      }
      return rows.length
    } finally {
      claiming = false
      const left = [...leaving]
      leaving.clear()
      for (const id of left) leave(id)
    }
  }

  async function sweepAll(): Promise<void> {
    for (const [key, lane] of lanes) if (lane.isIdle()) lanes.delete(key)
    do {
      sweepAgain = false
      let claimed = CLAIM_ROWS
      while (claimed === CLAIM_ROWS && inFlight.size < MOST_IN_FLIGHT) claimed = await sweepOnce()
      moreInTable = claimed === CLAIM_ROWS
    } while (sweepAgain)
  }

  function sweep(): Promise<void> {
    if (sweeping) {
      sweepAgain = true
      return sweeping
    }
    sweeping = sweepAll().finally(() => {
      sweeping = null
    })
    return sweeping
  }

  return {
    /** Draws what is about to be committed, while the commit is under way; null where it can't be shown from here. */
    draw: (posts: readonly Post[]): Drawn =>
      posts.map((post) => {
        const platform = platforms.get(post.platform)
        try {
          return platform ? draw(platform, post) : null
        } catch (error) {
          // It is committed all the same, and whoever sends it draws it again and reports.
          log.error({ error, view: post.view.id }, 'a view could not be drawn')
          return null
        }
      }),

    /** Sends what was just committed. Null ids are notices that were posted before. */
    send(posts: readonly Post[], ids: readonly (string | null)[], drawn: Drawn = []): void {
      for (const [position, post] of posts.entries()) {
        const id = ids[position]
        if (id !== null && id !== undefined && platforms.has(post.platform))
          dispatch(letterOfPost(post, id, drawn[position] ?? null))
      }
    },

    /** Sends what is due in the table. Calls while it runs are folded into one more run. */
    sweep,

    /** Resolves when everything handed over so far is sent (or back in the table) and cleared. */
    async idle(): Promise<void> {
      await queue.idle()
      await table.flush()
    },

    /** Ends what is being sent and leaves the rest to other replicas at once. */
    async stop(): Promise<void> {
      await Promise.race([queue.idle(), pause(STOP_MS)])
      stopped = true
      if (renewing) clearInterval(renewing)
      const unsent = [...lanes.values()].flatMap((lane) => [...lane.letters]).filter((letter) => !letter.sending)
      try {
        if (unsent.length > 0) await table.hold(idsOf(unsent), 0)
      } catch (error) {
        log.warn({ error }, 'waiting messages could not be handed over; their hold ends by itself')
      }
      await table.close()
    },
  }
}

const idsOf = (letters: Iterable<Letter>) => [...letters].map((letter) => letter.id)
// Cut short is over as well.
const pause: Wait = (ms, signal) =>
  ms > 0 ? sleep(ms, undefined, { ...(signal && { signal }) }).catch(() => undefined) : Promise.resolve()
const isSame = (a: FittedMessage, b: FittedMessage) => JSON.stringify(a) === JSON.stringify(b)
