// Long because it is one list: what the router promises about every update.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { button, buttons, literal, note, press, view } from '../../../core/chat/build.ts'
import { again, answerPress, done, flow, next } from '../../../core/chat/flow.ts'
import { reply } from '../../../core/chat/reply.ts'
import { createRouter, type Router } from '../../../core/chat/router.ts'
import { createChatStore } from '../../../core/chat/store.ts'
import { type Command, command } from '../../../core/commands/command.ts'
import { createLocaliser } from '../../../core/i18n/index.ts'
import { createOutbox, type Outbox } from '../../../core/notices/index.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { createMemoryPlatform, textOf } from '../../support/memory-platform.ts'
import { quietLog, randomIds, servicesFor, systemClock } from '../../support/services.ts'

const quiz = flow<{ first?: string | undefined }, null>({
  name: 'quiz',
  needs: 'viewer',
  version: 1,
  answers: z.object({ first: z.string().optional() }),
  first: 'one',
  facts: async () => null,
  steps: {
    one: {
      ask: () => [
        note(literal('first?')),
        buttons(button(literal('A'), answerPress({ first: 'A' })), button(literal('B'), answerPress({ first: 'B' }))),
      ],
      answer: (_answers, input) => {
        const first = input.kind === 'press' ? input.args.first : input.kind === 'text' ? input.text : null
        return typeof first === 'string' && first.length < 10 ? next('two', { first }) : again(literal('too long'))
      },
    },
    two: {
      ask: (answers) => [
        note(literal(`second after ${answers.first}?`)),
        buttons(button(literal('Finish'), answerPress({}, true))),
      ],
      answer: (answers) => done(reply(view('quiz-done', [note(literal(`done with ${answers.first}`))]))),
    },
  },
})

let database: TestDatabase
let chat: ReturnType<typeof createMemoryPlatform>
let router: Router
let outbox: Outbox
let runs: string[]
let release: (() => void) | null

function build(): void {
  const services = servicesFor(database.database)
  const platforms = new Map([[chat.platform.name, chat.platform]])
  const localiser = createLocaliser()
  outbox = createOutbox({
    pool: database.database.pool,
    platforms,
    localiser,
    clock: systemClock,
    log: quietLog,
    report: () => undefined,
  })
  const commands: Command[] = [
    command({
      name: 'quiz',
      description: 'command-deploy',
      needs: 'viewer',
      argument: 'none',
      run: (context) => quiz.start(context, {}),
    }),
    command({
      name: 'card',
      description: 'command-status',
      needs: 'viewer',
      argument: 'text',
      run: async (_context, { argument }) => {
        runs.push(argument)
        return reply(
          view('card', [
            note(literal(`card ${argument}`)),
            buttons(button(literal('Buy'), press('card.buy', {}, { once: true }))),
          ]),
        )
      },
      actions: {
        buy: {
          needs: 'owner',
          run: async () => {
            runs.push('buy')
            return { views: [{ view: view('card', [note(literal('bought'))]), place: 'here' }], effects: [async () => undefined] }
          },
        },
      },
    }),
    command({
      name: 'slow',
      description: null,
      needs: 'viewer',
      argument: 'none',
      run: async () => {
        await new Promise<void>((resolve) => {
          release = resolve
        })
        return reply(view('slow', [note(literal('slow done'))]))
      },
    }),
    command({
      name: 'broken',
      description: null,
      needs: 'viewer',
      argument: 'none',
      run: async () => Promise.reject(new Error('a bug')),
    }),
  ]
  router = createRouter({
    store: createChatStore(database.database.pool, randomIds, systemClock),
    outbox,
    platforms,
    commands,
    flows: [quiz],
    services,
    localiser,
    clock: systemClock,
    ids: randomIds,
    log: quietLog,
    report: () => undefined,
    observe: () => undefined,
  })
}

async function settled(): Promise<void> {
  await router.idle()
  await outbox.idle()
}

beforeEach(async () => {
  database = await createTestDatabase()
  chat = createMemoryPlatform()
  runs = []
  release = null
  build()
})
afterEach(async () => {
  await outbox.stop()
  await database.close()
})

describe('one update', () => {
  it('is answered once, however often it is delivered', async () => {
    const update = chat.says('ann', '/card one')
    await Promise.all([router.receive(update), router.receive(update), router.receive(update)])
    await settled()
    await router.receive(update)
    await settled()
    expect(runs).toEqual(['one'])
    expect(chat.messages).toHaveLength(1)
  })

  it('leaves nothing in inbox or outbox once it is answered', async () => {
    await router.receive(chat.says('ann', '/card one'))
    await settled()
    const { rows } = await database.database.pool.query(
      'SELECT (SELECT count(*)::int FROM outbox) AS outbox, (SELECT count(*)::int FROM inbox WHERE handled_at IS NULL) AS inbox',
    )
    expect(rows).toEqual([{ outbox: 0, inbox: 0 }])
  })

  it('is not lost when the process dies before answering: another takes it over', async () => {
    const store = createChatStore(database.database.pool, randomIds, systemClock)
    await store.open(chat.says('ann', '/card lost'))
    await database.database.pool.query(`UPDATE inbox SET claimed_until = now() - interval '1 second'`)
    await router.recover()
    await settled()
    expect(runs).toEqual(['lost'])
  })

  it('whose commit is repeated, because its answer was lost, is not done twice', async () => {
    const store = createChatStore(database.database.pool, randomIds, systemClock)
    const update = chat.says('ann', '/card twice')
    const surroundings = await store.open(update)
    if (surroundings === 'duplicate') throw new Error('it is new')
    const commit = {
      incoming: update,
      conversation: { id: surroundings.conversation.id, revision: surroundings.conversation.revision },
      posts: [],
    }
    expect(await store.commit(commit)).toMatchObject({ kind: 'done' })
    expect(await store.commit(commit)).toEqual({ kind: 'handled' })
  })

  it('that fails again and again is given up and does not stand in the way', async () => {
    const store = createChatStore(database.database.pool, randomIds, systemClock)
    await store.open(chat.says('ann', '/card poison'))
    await database.database.pool.query(`UPDATE inbox SET claimed_until = now() - interval '1 second', attempts = 5`)
    expect(await store.giveUpPoison()).toHaveLength(1)
    expect(await store.abandoned(['memory'], 10)).toEqual([])
  })

  it('with a key in it is warned about also after a crash, from what was stored', async () => {
    const store = createChatStore(database.database.pool, randomIds, systemClock)
    await store.open({ ...chat.says('ann', 'here: [removed]'), pastedSecret: true })
    await database.database.pool.query(`UPDATE inbox SET claimed_until = now() - interval '1 second'`)
    await router.recover()
    await settled()
    expect(textOf(chat.last().message)).toContain('secret key')
  })

  it('that hits a bug is answered with a number to report, and the next one works', async () => {
    await router.receive(chat.says('ann', '/broken'))
    await router.receive(chat.says('ann', '/card after'))
    await settled()
    expect(textOf(chat.messages[0]?.message ?? chat.last().message)).toMatch(/went wrong on our side.*req_/)
    expect(textOf(chat.last().message)).toContain('card after')
  })

  it('with a pasted key stores nothing of the key, deletes the message and warns', async () => {
    await router.receive(chat.says('ann', 'here: sk-or-v1-00000000000000000000000000abc123'))
    await settled()
    expect(chat.removed).toHaveLength(1)
    expect(textOf(chat.last().message)).toContain('secret key')
    const { rows } = await database.database.pool.query('SELECT payload::text FROM inbox')
    expect(JSON.stringify(rows)).not.toContain('abc123')
  })
})

describe('a command', () => {
  it('that is misspelt is answered with the nearest one', async () => {
    await router.receive(chat.says('ann', '/crad'))
    await settled()
    expect(textOf(chat.last().message)).toContain('Did you mean /card?')
    // And run by one tap.
    await router.receive(chat.presses('ann', '/card'))
    await settled()
    expect(textOf(chat.last().message)).not.toContain('Did you mean')
  })

  it('that nothing resembles points to /help', async () => {
    await router.receive(chat.says('ann', '/zzzzzz'))
    await settled()
    expect(textOf(chat.last().message)).toContain('/help')
  })
})

describe('a flow', () => {
  it('walks by buttons in one message, with Back and Cancel at every step', async () => {
    await router.receive(chat.says('ann', '/quiz'))
    await settled()
    await router.receive(chat.presses('ann', 'A'))
    await settled()
    expect(textOf(chat.last().message)).toContain('second after A?')
    await router.receive(chat.presses('ann', 'Back'))
    await settled()
    expect(textOf(chat.last().message)).toContain('first?')
    await router.receive(chat.presses('ann', 'B'))
    await settled()
    await router.receive(chat.presses('ann', 'Finish'))
    await settled()
    expect(textOf(chat.last().message)).toBe('done with B')
    expect(chat.messages).toHaveLength(1)
  })

  it('goes on in a new process at the very step it was left', async () => {
    await router.receive(chat.says('ann', '/quiz'))
    await settled()
    build()
    await router.receive(chat.presses('ann', 'B'))
    await settled()
    expect(textOf(chat.last().message)).toContain('second after B?')
  })

  it('takes typed answers below, and the old buttons go', async () => {
    await router.receive(chat.says('ann', '/quiz'))
    await settled()
    await router.receive(chat.says('ann', 'typed'))
    await settled()
    expect(chat.messages).toHaveLength(2)
    expect(chat.messages[0]?.message.rows).toEqual([])
    expect(textOf(chat.last().message)).toContain('second after typed?')
  })

  it('asks again with the reason when the answer does not fit', async () => {
    await router.receive(chat.says('ann', '/quiz'))
    await settled()
    await router.receive(chat.says('ann', 'x'.repeat(10_000)))
    await settled()
    expect(textOf(chat.last().message)).toContain('too long')
  })

  it('redraws the present step for a stale button and runs nothing', async () => {
    await router.receive(chat.says('ann', '/quiz'))
    await settled()
    const stale = chat.presses('ann', 'B')
    await router.receive(chat.presses('ann', 'A'))
    await settled()
    await router.receive(stale)
    await settled()
    expect(textOf(chat.last().message)).toContain('second after A?')
    expect(chat.toasts.at(-1)).toContain('earlier step')
  })

  it('that was cancelled is over for updates that were made before and arrive after', async () => {
    await router.receive(chat.says('ann', '/quiz'))
    await settled()
    const [early, earlier] = [chat.presses('ann', 'A'), chat.presses('ann', 'B')]
    await router.receive(chat.presses('ann', 'Cancel'))
    await router.receive(early)
    await router.receive(earlier)
    await settled()
    expect(chat.toasts.filter((toast) => toast.includes('finished'))).toHaveLength(2)
    expect(textOf(chat.last().message)).not.toContain('second')
  })

  it('survives another command in the middle of it', async () => {
    await router.receive(chat.says('ann', '/quiz'))
    await router.receive(chat.says('ann', '/card aside'))
    await settled()
    await router.receive(chat.presses('ann', 'A'))
    await settled()
    expect(textOf(chat.messages[0]?.message ?? chat.last().message)).toContain('second after A?')
  })

  it('of one person in a group is not disturbed by another person', async () => {
    const group = { id: 'g1', kind: 'group', title: 'Team' } as const
    await router.receive(chat.says('ann', '/quiz', group))
    await settled()
    await router.receive(chat.says('bob', '/quiz', group))
    await settled()
    const bobs = chat.presses('bob', 'A', group)
    await router.receive({ ...bobs, sender: { ...bobs.sender, id: 'ann', name: 'ann' }, updateKey: 'other' })
    await settled()
    expect(chat.toasts.at(-1)).toContain('somebody else')
    await router.receive(bobs)
    await settled()
    expect(textOf(chat.last().message)).toContain('second after A?')
    expect(textOf(chat.messages[0]?.message ?? chat.last().message)).toContain('first?')
  })

  it('left for a day is closed with a word about it', async () => {
    await router.receive(chat.says('ann', '/quiz'))
    await settled()
    await database.database.pool.query(`UPDATE conversations SET expires_at = now() - interval '1 hour', revision = revision + 1`)
    await router.receive(chat.says('ann', 'hello'))
    await settled()
    expect(textOf(chat.last().message)).toContain('unfinished for a day')
  })
})

describe('what a process remembers of a conversation', () => {
  it('is not believed when another process went on with it', async () => {
    await router.receive(chat.says('ann', '/quiz'))
    await settled()
    const remembering = router
    const stale = chat.presses('ann', 'B')
    build()
    await router.receive(chat.presses('ann', 'A'))
    await settled()
    await remembering.receive(stale)
    await remembering.idle()
    await settled()
    expect(textOf(chat.last().message)).toContain('second after A?')
    expect(chat.toasts.at(-1)).toContain('earlier step')
  })

  it('is not believed when the person changed elsewhere', async () => {
    await router.receive(chat.says('ann', '/zzzzzz'))
    await settled()
    await database.database.pool.query(`UPDATE people SET language = 'zh'`)
    await router.receive(chat.says('ann', '/zzzzzz'))
    await settled()
    expect(textOf(chat.last().message)).toMatch(/\p{Script=Han}/u)
  })

  it('does not let an update that reaches two processes be answered twice', async () => {
    const one = router
    await one.receive(chat.says('ann', '/card one'))
    await settled()
    build()
    const two = router
    await two.receive(chat.says('ann', '/card two'))
    await settled()
    const update = chat.says('ann', '/card both')
    await Promise.all([one.receive(update), two.receive(update)])
    await one.idle()
    await settled()
    expect(chat.messages).toHaveLength(3)
  })

  it('does not let a one-time button be used in two processes', async () => {
    const one = router
    await one.receive(chat.says('ann', '/card x'))
    await settled()
    const [first, second, third] = [chat.presses('ann', 'Buy'), chat.presses('ann', 'Buy'), chat.presses('ann', 'Buy')]
    build()
    await router.receive(first)
    await settled()
    await Promise.all([one.receive(second), router.receive(third)])
    await one.idle()
    await settled()
    expect(chat.toasts.filter((toast) => toast.includes('already pressed'))).toHaveLength(2)
  })

  it('leaves an update of it stored while its handler takes its time', async () => {
    await router.receive(chat.says('ann', '/card x'))
    await settled()
    await router.receive(chat.says('ann', '/slow'))
    const { rows } = await database.database.pool.query('SELECT count(*)::int AS open FROM inbox WHERE handled_at IS NULL')
    expect(rows).toEqual([{ open: 1 }])
    release?.()
    await settled()
    expect(textOf(chat.last().message)).toContain('slow done')
  })
})

describe('a one-time button', () => {
  it('runs once, also when two presses arrive together', async () => {
    await router.receive(chat.says('ann', '/card x'))
    await settled()
    const [one, two] = [chat.presses('ann', 'Buy'), chat.presses('ann', 'Buy')]
    await Promise.all([router.receive(one), router.receive(two)])
    await settled()
    expect(runs.filter((run) => run === 'buy')).toHaveLength(1)
    // Either of the two may be answered first.
    expect(chat.toasts.filter((toast) => toast.includes('already pressed'))).toHaveLength(1)
  })

  it('of somebody else answers privately and runs nothing', async () => {
    const group = { id: 'g1', kind: 'group' } as const
    await router.receive(chat.says('ann', '/card x', group))
    await settled()
    const stolen = chat.presses('bob', 'Buy', group)
    await router.receive(stolen)
    await settled()
    expect(runs).not.toContain('buy')
    expect(chat.toasts.at(-1)).toContain('somebody else')
  })

  it('with an unknown token is told apart from a used one', async () => {
    const forged = { ...chat.says('ann', 'x'), content: { kind: 'press', token: 'AAAAAAAAAA0' } as const, acknowledgement: 'a' }
    await router.receive(forged)
    await settled()
    expect(chat.toasts.at(-1)).toContain("don't know this button")
  })
})

describe('an answer', () => {
  it('names the update it belongs to, and no other message does', async () => {
    await router.receive(chat.says('ann', '/quiz'))
    await settled()
    const typed = { ...chat.says('ann', '/card x'), acknowledgement: 'typed-1' }
    await router.receive(typed)
    await settled()
    const pressed = chat.presses('ann', 'A')
    await router.receive(pressed)
    await settled()
    expect(chat.delivered.map(({ answers }) => answers)).toEqual([undefined, 'typed-1', pressed.acknowledgement])
    // The quiz goes on below: what stays of its old message is no answer to what was typed.
    await router.receive({ ...chat.says('ann', '/quiz'), acknowledgement: 'typed-2' })
    await settled()
    expect(chat.delivered.slice(3).map(({ edit, answers }) => [edit !== undefined, answers])).toEqual([
      [true, undefined],
      [false, 'typed-2'],
    ])
  })
})

describe('many conversations', () => {
  it('never wait for one slow handler', async () => {
    await router.receive(chat.says('ann', '/slow'))
    for (let i = 0; i < 20; i++) await router.receive(chat.says(`user${i}`, `/card ${i}`))
    await expect.poll(() => chat.messages.length).toBe(20)
    release?.()
    await settled()
    expect(textOf(chat.last().message)).toContain('slow done')
  })

  it('keep the order of one person, also behind a slow handler', async () => {
    await router.receive(chat.says('ann', '/slow'))
    await router.receive(chat.says('ann', '/card 1'))
    await router.receive(chat.says('ann', '/card 2'))
    await expect.poll(() => release).not.toBeNull()
    release?.()
    await settled()
    expect(chat.messages.map((message) => textOf(message.message).split('\n')[0])).toEqual(['slow done', 'card 1', 'card 2'])
  })
})

describe('delivery', () => {
  it('waits as long as the platform says and loses nothing', async () => {
    chat.answers.push({ kind: 'retry-later', afterSeconds: 0.2, reason: '429' })
    await router.receive(chat.says('ann', '/card 1'))
    await settled()
    expect(chat.messages).toHaveLength(1)
  })

  it('sends anew when the message to edit was deleted', async () => {
    await router.receive(chat.says('ann', '/quiz'))
    await settled()
    const pressed = chat.presses('ann', 'A')
    chat.messages.splice(0)
    await router.receive(pressed)
    await settled()
    expect(textOf(chat.last().message)).toContain('second after A?')
  })

  it('from the table after a crash shows working buttons', async () => {
    const before = chat.messages
    chat.answers.push({ kind: 'retry-later', afterSeconds: 60, reason: 'outage' })
    await router.receive(chat.says('ann', '/quiz'))
    await expect.poll(async () => (await database.database.pool.query('SELECT attempts FROM outbox')).rows[0]?.attempts).toBe(1)
    build() // a new process: nothing in memory
    await database.database.pool.query(`UPDATE outbox SET next_attempt_at = now() - interval '1 second'`)
    await outbox.sweep()
    await outbox.idle()
    expect(before).toHaveLength(1)
    await router.receive(chat.presses('ann', 'A'))
    await settled()
    expect(textOf(chat.last().message)).toContain('second after A?')
  })

  it('to somebody who blocked us ends there', async () => {
    chat.answers.push({ kind: 'chat-gone', reason: 'blocked' })
    await router.receive(chat.says('ann', '/card 1'))
    await settled()
    expect((await database.database.pool.query('SELECT 1 FROM outbox')).rowCount).toBe(0)
  })
})
