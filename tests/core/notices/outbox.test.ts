import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { literal, note, view } from '../../../core/chat/build.ts'
import type { Delivery } from '../../../core/chat/platform.ts'
import { type Post, postRows } from '../../../core/chat/store.ts'
import { createLocaliser } from '../../../core/i18n/index.ts'
import { createOutbox, type Outbox } from '../../../core/notices/index.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { createMemoryPlatform, ROOMY, textOf } from '../../support/memory-platform.ts'
import { quietLog, randomIds } from '../../support/services.ts'

let database: TestDatabase
let chat: ReturnType<typeof createMemoryPlatform>
let outbox: Outbox
let nowMs: number
let reports: string[]
/** Pauses the outbox asked for, and how they pass: at once by default, moving the clock. */
let waits: number[]
let wait: (ms: number, signal?: AbortSignal) => Promise<void>
let letGo: () => void
const outboxes: Outbox[] = []

const outage = (afterSeconds: number): Delivery => ({ kind: 'retry-later', afterSeconds, reason: 'outage' })

function build(platform = chat.platform): Outbox {
  const built = createOutbox({
    pool: database.database.pool,
    platforms: new Map([[platform.name, platform]]),
    localiser: createLocaliser(),
    clock: { now: () => new Date(nowMs) },
    log: quietLog,
    report: (kind) => reports.push(kind),
    wait: (ms, signal) => wait(ms, signal),
  })
  outboxes.push(built)
  return built
}

const text = (content: string, more: Partial<Post> = {}): Post => ({
  screenId: randomIds.screen(),
  platform: 'memory',
  chatId: 'ann',
  view: view(more.view?.id ?? 'card', [note(literal(content))]),
  language: 'en',
  place: 'new',
  ...more,
})
const named = (id: string, content: string) => view(id, [note(literal(content))])
const progress = (content: string): Post => text(content, { place: 'edit' })

/** Writes posts as a decision does; `held`: this process sends them itself. */
async function write(posts: readonly Post[], held: boolean): Promise<string[]> {
  const { rows } = await database.database.pool.query<{ id: string }>('SELECT id FROM chat_post($1::json)', [
    JSON.stringify(postRows(posts, held)),
  ])
  return rows.map(({ id }) => id)
}
const sendNow = async (...posts: Post[]) => outbox.send(posts, await write(posts, true))
// Not now(): the column rounds to milliseconds, and a sweep may come before the half of one is over.
const makeDue = () => database.database.pool.query(`UPDATE outbox SET next_attempt_at = now() - interval '1 second'`)
const pending = async () => (await database.database.pool.query('SELECT 1 FROM outbox')).rowCount
const shown = () => chat.messages.map((message) => textOf(message.message))

/** Pauses that last until they are let go. */
function holdWaits(): { release(): void; readonly count: number } {
  const waiting: (() => void)[] = []
  wait = (ms) =>
    new Promise((resolve) => {
      waiting.push(() => {
        nowMs += ms
        resolve()
      })
    })
  letGo = () => {
    for (const go of waiting.splice(0)) go()
  }
  return {
    release: letGo,
    get count() {
      return waiting.length
    },
  }
}

beforeEach(async () => {
  database = await createTestDatabase()
  chat = createMemoryPlatform()
  nowMs = 1_000_000
  reports = []
  waits = []
  letGo = () => undefined
  wait = async (ms) => {
    if (ms <= 0) return
    waits.push(ms)
    nowMs += ms
  }
  outbox = build()
})
afterEach(async () => {
  wait = async () => undefined
  letGo()
  await Promise.all(outboxes.splice(0).map((one) => one.stop()))
  await database.close()
})

describe('an answer', () => {
  it('still knows what it answers when another process sends it', async () => {
    await write([text('one', { answers: 'interaction-1', onlyFor: 'ann' })], false)
    await outbox.sweep()
    await outbox.idle()
    expect(chat.delivered).toMatchObject([{ answers: 'interaction-1', onlyFor: 'ann' }])
  })
})

describe('an outage', () => {
  it('of ten minutes loses nothing and keeps the order', async () => {
    const endsMs = nowMs + 600_000
    const platform = {
      ...chat.platform,
      deliver: async (...args: Parameters<typeof chat.platform.deliver>) =>
        nowMs < endsMs ? outage(5) : chat.platform.deliver(...args),
    }
    outbox = build(platform)
    await sendNow(text('one'), text('two'), text('three'))
    for (let sweeps = 0; sweeps < 60 && chat.messages.length < 3; sweeps++) {
      await outbox.idle()
      nowMs += 60_000
      await makeDue()
      await outbox.sweep()
    }
    await outbox.idle()
    expect(shown()).toEqual(['one', 'two', 'three'])
    expect(await pending()).toBe(0)
    expect(reports).toEqual([])
  })

  it('makes the waits grow, never below what the platform asks', async () => {
    for (let failures = 0; failures < 6; failures++) chat.answers.push(outage(3))
    await sendNow(text('one'))
    await outbox.idle()
    expect(waits).toEqual([3000, 3000, 3000, 4000, 8000, 16_000])
    expect(shown()).toEqual(['one'])
  })

  it('gives a message one key at every attempt, and the plain words for a refused one another', async () => {
    const keys: (string | undefined)[] = []
    outbox = build({
      ...chat.platform,
      deliver: async (outgoing) => {
        keys.push(outgoing.key)
        return chat.platform.deliver(outgoing)
      },
    })
    chat.answers.push(outage(5), { kind: 'refused', reason: 'markup' })
    const post = text('one')
    await sendNow(post, text('two'))
    await outbox.idle()
    expect(keys.slice(0, 3)).toEqual([`${post.screenId}.0`, `${post.screenId}.0`, `${post.screenId}.0.plain`])
    expect(new Set(keys).size).toBe(3)
  })

  it('is given up after a day by the clock of the database, and reported', async () => {
    const ids = await write([text('one')], false)
    await database.database.pool.query(`UPDATE outbox SET created_at = now() - interval '25 hours' WHERE id = $1`, ids)
    chat.answers.push(outage(5))
    await outbox.sweep()
    await outbox.idle()
    expect(await pending()).toBe(0)
    expect(reports).toEqual(['message-undeliverable'])
  })

  it('that takes long leaves a whole chat in the table, to go out in order', async () => {
    chat.answers.push(outage(60))
    await sendNow(text('one'), text('two'), text('three'))
    await outbox.idle()
    expect(shown()).toEqual([])
    nowMs += 60_000
    await makeDue()
    await outbox.sweep()
    await outbox.idle()
    expect(shown()).toEqual(['one', 'two', 'three'])
  })
})

describe('a chat that waits', () => {
  it('gets each of its three messages once, however often the table is swept', async () => {
    const pauses = holdWaits()
    chat.answers.push(outage(5))
    await sendNow(text('one'), text('two'), text('three'))
    await expect.poll(() => pauses.count).toBe(1)
    for (let sweeps = 0; sweeps < 3; sweeps++) {
      await makeDue()
      await outbox.sweep()
    }
    pauses.release()
    await outbox.idle()
    expect(shown()).toEqual(['one', 'two', 'three'])
    expect(await pending()).toBe(0)
  })

  it('keeps other replicas from all of its messages', async () => {
    const pauses = holdWaits()
    await write([text('one'), text('two'), text('three')], false)
    chat.answers.push(outage(20))
    await outbox.sweep()
    await expect.poll(() => pauses.count).toBe(1)
    const { rows } = await database.database.pool.query(
      `SELECT count(*)::int AS count FROM outbox WHERE next_attempt_at > now() + interval '40 seconds'`,
    )
    expect(rows).toEqual([{ count: 3 }])
  })

  it('does not delay another chat, even with a full claim of its own', async () => {
    const pauses = holdWaits()
    chat.answers.push(outage(20))
    await write([...Array.from({ length: 60 }, (_, i) => text(`ann ${i}`)), text('for bob', { chatId: 'bob' })], false)
    await outbox.sweep()
    await expect.poll(shown).toEqual(['for bob'])
    await expect.poll(() => pauses.count).toBe(1)
    pauses.release()
    await outbox.idle()
    expect(chat.messages).toHaveLength(61)
  })

  it('keeps its order when unasked messages keep their pace', async () => {
    const slow = createMemoryPlatform('memory', { ...ROOMY, pace: { secondsPerMessage: 1, burst: 2 } })
    outbox = build(slow.platform)
    await write(
      ['1', '2', '3', '4'].map((content) => text(content)),
      false,
    )
    await outbox.sweep()
    await outbox.idle()
    expect(slow.messages.map((message) => textOf(message.message))).toEqual(['1', '2', '3', '4'])
    expect(waits).toEqual([2000])
  })
})

describe('progress', () => {
  it('that becomes outdated while it keeps its pace neither shows nor holds up what ended it', async () => {
    const slow = createMemoryPlatform('memory', { ...ROOMY, pace: { secondsPerMessage: 1, burst: 2 } })
    outbox = build(slow.platform)
    let begun = 0
    wait = (_ms, signal) => {
      begun++
      return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }))
    }
    letGo = () => undefined
    const later = async (...posts: Post[]) => {
      await write(posts, false)
      await outbox.sweep()
    }
    await later(text('one'))
    await later(text('two'))
    await later(progress('half way'))
    await expect.poll(() => begun).toBe(1)
    await later({ ...progress('ready'), dedupeKey: 'operation:1:succeeded' })
    await outbox.idle()
    expect(slow.messages.map((message) => textOf(message.message))).toEqual(['one', 'ready'])
    expect(begun).toBe(1)
    expect(await pending()).toBe(0)
  })

  it('that arrives after its end was shown is dropped', async () => {
    await sendNow(text('starting'))
    await outbox.idle()
    const late = progress('half way')
    const ids = await write([late], true)
    await sendNow(progress('ready'))
    await outbox.idle()
    outbox.send([late], ids)
    await outbox.idle()
    expect(shown()).toEqual(['ready'])
    expect(await pending()).toBe(0)
  })

  it('that waited while another replica showed the end is dropped', async () => {
    const pauses = holdWaits()
    await sendNow(text('starting'))
    await outbox.idle()
    chat.answers.push(outage(5))
    await sendNow(progress('half way'))
    await expect.poll(() => pauses.count).toBe(1)
    const other = build()
    const ready = progress('ready')
    other.send([ready], await write([ready], true))
    await other.idle()
    pauses.release()
    await outbox.idle()
    expect(shown()).toEqual(['ready'])
    expect(await pending()).toBe(0)
  })
})

describe('a message of several parts', () => {
  it('goes on after the part that was sent, also in another process', async () => {
    const long = text('', {
      view: view(
        'long',
        [1, 2, 3].map((part) => note(literal(`${part}`.repeat(3000)))),
      ),
    })
    const platform = {
      ...chat.platform,
      deliver: async (...args: Parameters<typeof chat.platform.deliver>) =>
        chat.messages.length === 1 && nowMs < 2_000_000 ? outage(60) : chat.platform.deliver(...args),
    }
    outbox = build(platform)
    await sendNow(long)
    await outbox.idle()
    expect(chat.messages).toHaveLength(1)
    nowMs = 2_000_000
    outbox = build(platform)
    await makeDue()
    await outbox.sweep()
    await outbox.idle()
    expect(shown().map((part) => part[0])).toEqual(['1', '2', '3'])
    const { rows } = await database.database.pool.query('SELECT message_refs FROM screens')
    expect(rows).toEqual([{ message_refs: ['1', '2', '3'] }])
  })
})

it('a message that a killed process left behind is shown late, unless a newer one of the same view stands there by then', async () => {
  // Written and held by a process that sends nothing any more.
  await write([text('', { view: named('flow', 'step one') }), text('', { view: named('answer', 'an answer') })], true)
  await sendNow(text('', { view: named('flow', 'step two') }))
  await outbox.idle()
  expect(shown()).toEqual(['step two'])
  await database.database.pool.query(`UPDATE outbox SET created_at = now() - interval '30 seconds', next_attempt_at = now()`)
  const other = build()
  await other.sweep()
  await other.idle()
  expect(shown()).toEqual(['step two', 'an answer'])
  expect(await pending()).toBe(0)
})

it('a process that stops hands what waits to the others at once', async () => {
  const pauses = holdWaits()
  chat.answers.push(outage(20))
  await sendNow(text('one'), text('two'))
  await expect.poll(() => pauses.count).toBe(1)
  await outbox.stop()
  wait = async () => undefined
  const other = build()
  await other.sweep()
  await other.idle()
  expect(shown()).toEqual(['one', 'two'])
})
