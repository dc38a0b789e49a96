import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { button, buttons, literal, note, press, view } from '../../../core/chat/build.ts'
import type { Incoming } from '../../../core/chat/incoming.ts'
import { type ChatStore, type Commit, createChatStore, type Post, type Surroundings } from '../../../core/chat/store.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { randomIds, systemClock } from '../../support/services.ts'

let database: TestDatabase
let store: ChatStore
let updates: number
beforeEach(async () => {
  database = await createTestDatabase()
  store = createChatStore(database.database.pool, randomIds, systemClock)
  updates = 0
})
afterEach(() => database.close())

const update = (who: string, chat: Incoming['chat'] = { id: who, kind: 'private' }): Incoming => ({
  platform: 'memory',
  updateKey: `u${++updates}`,
  chat,
  sender: { id: who, name: who },
  content: { kind: 'text', text: 'hello' },
  at: 0,
})

async function surroundings(incoming: Incoming): Promise<Surroundings> {
  const read = await store.open({ ...incoming, updateKey: `${incoming.updateKey}.before` })
  if (read === 'duplicate') throw new Error('it was there before')
  return read
}

const post = (chatId: string, words: string): Post => ({
  screenId: randomIds.screen(),
  platform: 'memory',
  chatId,
  view: view('card', [note(literal(words)), buttons(button(literal('Buy'), press('card.buy', {}, { once: true })))]),
  language: 'en',
  place: 'new',
})

const decision = (incoming: Incoming, from: Surroundings, more: Partial<Commit> = {}): Commit => ({
  incoming,
  conversation: { id: from.conversation.id, revision: from.conversation.revision },
  posts: [],
  from: { surroundings: from, unstored: true },
  ...more,
})
const patch = { flow: 'quiz', version: 1, step: 'one', answers: {}, viewId: null, expiresAt: null }
const query = async (text: string) => (await database.database.pool.query(text)).rows

describe('decisions that are committed together', () => {
  it('each get the outbox ids of their own messages, in order', async () => {
    const people = ['ann', 'bob', 'cleo', 'dan']
    const commits = await Promise.all(
      people.map(async (who, count) => {
        const incoming = update(who)
        const posts = Array.from({ length: count }, (_, position) => post(who, `${who} ${position}`))
        return decision(incoming, await surroundings(incoming), { posts })
      }),
    )
    const outcomes = await Promise.all(commits.map((commit) => store.commit(commit)))
    for (const [position, outcome] of outcomes.entries()) {
      const ids = outcome.kind === 'done' ? outcome.outboxIds : []
      const rows = await query(
        `SELECT id FROM outbox WHERE chat_id = '${people[position]}' ORDER BY view->'blocks'->0->'text'->>'literal'`,
      )
      expect(ids).toEqual(rows.map(({ id }) => id))
      expect(ids).toHaveLength(position)
    }
  })

  it('are written without the one that was decided from old news, of which nothing is', async () => {
    const [late, quick] = [update('ann'), update('bob')]
    const [ofLate, ofQuick] = [await surroundings(late), await surroundings(quick)]
    await query(`UPDATE people SET language = 'zh' WHERE id = '${ofLate.personId}'`)
    const outcomes = await Promise.all([
      store.commit(decision(late, ofLate, { conversation: { ...ofLate.conversation, patch }, posts: [post('ann', 'old')] })),
      store.commit(decision(quick, ofQuick, { conversation: { ...ofQuick.conversation, patch }, posts: [post('bob', 'new')] })),
    ])
    expect(outcomes.map(({ kind }) => kind)).toEqual(['conflict', 'done'])
    expect(await query('SELECT chat_id FROM outbox')).toEqual([{ chat_id: 'bob' }])
    expect(await query('SELECT chat_id FROM screens')).toEqual([{ chat_id: 'bob' }])
    expect(await query('SELECT chat_id FROM conversations WHERE revision > 0')).toEqual([{ chat_id: 'bob' }])
    expect(await query(`SELECT update_key FROM inbox WHERE update_key NOT LIKE '%before'`)).toEqual([
      { update_key: quick.updateKey },
    ])
  })

  it('answer an update once, however often it is committed', async () => {
    const incoming = update('ann')
    const from = await surroundings(incoming)
    const commit = () => store.commit(decision(incoming, from, { posts: [post('ann', 'answer')] }))
    expect((await Promise.all([commit(), commit(), commit()])).map(({ kind }) => kind).toSorted()).toEqual([
      'conflict',
      'conflict',
      'done',
    ])
    expect(await commit()).toEqual({ kind: 'conflict' })
    expect(await store.open(incoming)).toBe('duplicate')
    expect(await query('SELECT count(*)::int AS count FROM outbox')).toEqual([{ count: 1 }])
  })

  it('move a conversation once: who comes second decides again', async () => {
    const [one, two] = [update('ann'), update('ann')]
    const from = await surroundings(one)
    const commit = (incoming: Incoming) =>
      store.commit(decision(incoming, from, { conversation: { ...from.conversation, patch } }))
    expect((await Promise.all([commit(one), commit(two)])).map(({ kind }) => kind)).toEqual(['done', 'conflict'])
    expect(await query('SELECT revision FROM conversations')).toEqual([{ revision: 1 }])
  })

  it('use a one-time button up once, and other buttons of its screen beside it', async () => {
    const group = { id: 'team', kind: 'group' as const }
    const shown = post('team', 'a poll')
    const first = update('zoe', group)
    await store.commit(decision(first, await surroundings(first), { posts: [shown] }))
    const keys = ['0', '0', '1', '2']
    const commits: Commit[] = []
    for (const [position, key] of keys.entries()) {
      const incoming = update(`person${position}`, group)
      const from = await surroundings(incoming)
      commits.push(
        decision(incoming, from, { press: { screenId: shown.screenId, key }, posts: [post('team', `by ${position}`)] }),
      )
    }
    const outcomes = await Promise.all(commits.map((commit) => store.commit(commit)))
    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'used', 'done', 'done'])
    expect(await query(`SELECT used_keys FROM screens WHERE id = '${shown.screenId}'`)).toEqual([{ used_keys: ['0', '1', '2'] }])
    expect(await query('SELECT count(*)::int AS count FROM outbox')).toEqual([{ count: 4 }])
  })

  it('do not fall with one whose statement fails', async () => {
    const [broken, sound] = [update('ann'), update('bob')]
    const [ofBroken, ofSound] = [await surroundings(broken), await surroundings(sound)]
    const unwritable = { ...post('ann', 'x'), chatId: 'with a \u0000 in it' }
    const outcomes = await Promise.allSettled([
      store.commit(decision(broken, ofBroken, { posts: [unwritable] })),
      store.commit(decision(sound, ofSound, { posts: [post('bob', 'fine')] })),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled'])
    expect(await query('SELECT chat_id FROM outbox')).toEqual([{ chat_id: 'bob' }])
  })
})

describe('a stored update', () => {
  it('is handled once: whoever commits it later is told, and writes nothing', async () => {
    const incoming = update('ann')
    const from = await store.open(incoming)
    if (from === 'duplicate') throw new Error('it was there before')
    const commit: Commit = { ...decision(incoming, from, { posts: [post('ann', 'answer')] }), from: undefined }
    expect((await store.commit(commit)).kind).toBe('done')
    expect(await store.commit(commit)).toEqual({ kind: 'handled' })
    expect(await query('SELECT count(*)::int AS count FROM outbox')).toEqual([{ count: 1 }])
    expect(await query('SELECT payload FROM inbox WHERE handled_at IS NULL')).toEqual([])
  })
})
