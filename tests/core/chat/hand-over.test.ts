import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { button, buttons, literal, note, view } from '../../../core/chat/build.ts'
import { answerPress, done, flow, next, stay } from '../../../core/chat/flow.ts'
import type { Incoming } from '../../../core/chat/incoming.ts'
import { reply } from '../../../core/chat/reply.ts'
import { createRouter, type Router } from '../../../core/chat/router.ts'
import { createChatStore } from '../../../core/chat/store.ts'
import { wakeArgs, wakeFlow } from '../../../core/chat/wake-flow.ts'
import { command } from '../../../core/commands/command.ts'
import { createLocaliser } from '../../../core/i18n/index.ts'
import { createOutbox, type Outbox } from '../../../core/notices/index.ts'
import { createSecretPage } from '../../../core/secrets/index.ts'
import { createCanaries, expectNowhere, findCanaries } from '../../support/canary.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { createMemoryPlatform, ROOMY, textOf } from '../../support/memory-platform.ts'
import { quietLog, randomIds, servicesFor, systemClock } from '../../support/services.ts'

const canary = createCanaries().anthropicKey
const key = canary.value
const group: Incoming['chat'] = { id: 'group:1', kind: 'group', title: 'Team' }

let database: TestDatabase
let chat: ReturnType<typeof createMemoryPlatform>
let router: Router
let outbox: Outbox
/** What the step was given, and where its waiting operation would wake it. */
let taken: { value: string; last4: string }[]
let waiting: unknown

const vault = flow<{ last4?: string | undefined; checked?: boolean | undefined }, { viewId: string | null; context: unknown }>({
  name: 'vault',
  needs: 'viewer',
  version: 1,
  answers: z.object({ last4: z.string().optional(), checked: z.boolean().optional() }),
  first: 'key',
  async facts(context) {
    if (context.conversation.viewId !== null) waiting = wakeArgs(context, 'vault', context.conversation.viewId)
    return { viewId: context.conversation.viewId, context }
  },
  steps: {
    key: {
      ask: () => [note(literal('the key, please')), buttons(button(literal('Skip'), answerPress({ skip: true })))],
      secret: () => ({ title: literal('Your key <b>'), hint: literal('from the console'), label: literal('Key') }),
      answer(answers, input) {
        if (input.kind !== 'secret') return next('open', answers)
        taken.push({ value: input.value, last4: input.last4 })
        return next('check', { last4: input.last4 })
      },
    },
    check: {
      wakes: true,
      ask: (answers) => [note(literal(`checking ${answers.last4}`))],
      answer: (answers, input) => (input.kind === 'wake' ? next('open', { ...answers, checked: true }) : stay(answers)),
    },
    open: {
      ask: (answers) => [
        note(literal(`open with ${answers.last4 ?? 'nothing'}${answers.checked ? ', checked' : ''}`)),
        buttons(button(literal('Forget'), answerPress({ forget: true }))),
      ],
      answer: (answers, input) =>
        input.kind === 'press' ? stay({ ...answers, last4: undefined }) : done(reply(view('done', [note(literal('done'))]))),
    },
  },
})

let page: ReturnType<typeof createSecretPage>

function build(platforms = new Map([[chat.platform.name, chat.platform]])): void {
  const services = servicesFor(database.database, {
    settings: {
      publicUrl: 'http://127.0.0.1:1',
      brandName: 'ClawCloud',
      supportContact: null,
      runtimeVersion: '0',
      modelRoots: { openrouter: '', anthropic: '', openai: '', google: '' },
      sandbox: true,
    },
  })
  const localiser = createLocaliser()
  outbox = createOutbox({
    pool: database.database.pool,
    platforms,
    localiser,
    clock: systemClock,
    log: quietLog,
    report: () => undefined,
  })
  router = createRouter({
    store: createChatStore(database.database.pool, randomIds, systemClock),
    outbox,
    platforms,
    commands: [
      command({
        name: 'vault',
        description: 'command-deploy',
        needs: 'viewer',
        argument: 'none',
        run: (context) => vault.start(context, {}),
      }),
    ],
    flows: [vault],
    services,
    localiser,
    clock: systemClock,
    ids: randomIds,
    log: quietLog,
    report: () => undefined,
    observe: () => undefined,
  })
  page = createSecretPage({
    pool: database.database.pool,
    localiser,
    clock: systemClock,
    log: quietLog,
    brandName: 'ClawCloud',
    secure: false,
    receive: router.receive,
    chatLink: () => null,
  })
}

async function settled(): Promise<void> {
  await router.idle()
  await outbox.idle()
}
const take = async (incoming: Incoming) => {
  await router.receive(incoming)
  await settled()
}
const shown = (chatId?: string) => textOf(chat.last(chatId).message)

/** The path of the page that the newest message with one links to. */
function pagePath(chatId = 'private:ann'): string {
  for (const message of [...chat.messages].reverse())
    for (const one of message.message.rows.flat()) if (message.chatId === chatId && 'url' in one) return new URL(one.url).pathname
  throw new Error('no page')
}

const browser = () => {
  let cookie = ''
  return async (path: string, body?: string) => {
    const response = await page.request(path, {
      ...(body !== undefined && { method: 'POST', body: new URLSearchParams({ secret: body }) }),
      headers: { 'sec-fetch-mode': 'navigate', ...(cookie && { cookie }) },
    })
    cookie ||= response.headers.get('set-cookie')?.split(';', 1)[0] ?? ''
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
}

const nowhere = () =>
  expectNowhere([canary], {
    database: database.database.pool,
    texts: { 'what was sent': JSON.stringify(chat.delivered) },
  })

beforeEach(async () => {
  database = await createTestDatabase()
  chat = createMemoryPlatform()
  taken = []
  waiting = null
  build()
})
afterEach(async () => {
  await outbox.stop()
  await database.close()
})

describe('a secret for a question', () => {
  it('can be sent in private: the message is deleted, the step gets it, and nothing of it is stored', async () => {
    await take(chat.says('ann', '/vault'))
    expect(shown()).toContain('I delete it at once')
    await take(chat.says('ann', `here it is: ${key}`))
    expect(taken).toEqual([{ value: key, last4: key.slice(-4) }])
    expect(chat.removed).toHaveLength(1)
    expect(shown()).toContain(`checking ${key.slice(-4)}`)
    expect(shown()).toContain('I deleted your message')
    await nowhere()
  })

  it('is understood with quotes, blanks and broken lines around and in it', async () => {
    for (const typed of [`“${key}”`, `  ${key}\n`, `${key.slice(0, 40)}\n${key.slice(40)}`]) {
      await take(chat.says('ann', '/vault'))
      await take(chat.says('ann', typed))
    }
    expect(taken.map(({ value }) => value)).toEqual([key, key, key])
    await nowhere()
  })

  it('comes in a form, whatever it looks like, and its field is stored empty', async () => {
    chat = createMemoryPlatform('memory', { ...ROOMY, form: { fields: 5 } })
    build()
    await take(chat.says('ann', '/vault'))
    const odd = 'no shape at all, but secret'
    await router.receive(chat.fillsIn('ann', { secret: odd }))
    const { rows } = await database.database.pool.query('SELECT payload::text FROM inbox')
    await settled()
    expect(taken).toEqual([{ value: 'noshapeatall,butsecret', last4: 'cret' }])
    expect(JSON.stringify(rows)).not.toContain('shape')
  })

  it('comes over the page, and the question goes on in its own message', async () => {
    await take(chat.says('ann', '/vault'))
    const open = browser()
    const asked = await open(pagePath())
    expect(asked.text).toContain('Your key &lt;b&gt;')
    expect(asked.text).toContain('ann')
    const sent = await open(pagePath(), ` '${key}'\n`)
    expect([sent.status, sent.headers.get('location')]).toEqual([303, pagePath()])
    await settled()
    expect(taken).toEqual([{ value: key, last4: key.slice(-4) }])
    expect(chat.messages).toHaveLength(1)
    expect(shown()).toContain(`checking ${key.slice(-4)}`)
    await nowhere()
  })

  it('is asked for once more when the process that held it died, and was kept nowhere', async () => {
    await take(chat.says('ann', '/vault'))
    const store = createChatStore(database.database.pool, randomIds, systemClock)
    const { takeSecrets } = await import('../../../core/chat/hand-over.ts')
    await store.open(takeSecrets(chat.says('ann', key)).incoming)
    await database.database.pool.query(`UPDATE inbox SET claimed_until = now() - interval '1 second'`)
    await router.recover()
    await settled()
    expect(taken).toEqual([])
    expect(shown()).toContain('hand it over once more')
    await nowhere()
  })

  it('is not taken from a group, where its writer is warned and the way is shown in private', async () => {
    await take(chat.says('ann', 'hi'))
    await take(chat.says('ann', '/vault', group))
    expect(shown(group.id)).not.toContain('/s/')
    expect(pagePath()).toMatch(/^\/s\/\w{32}$/)
    await take(chat.says('ann', key, group))
    expect(taken).toEqual([])
    expect(shown(group.id)).toContain('replace the key')
    await nowhere()
  })

  it('is for the step that asks: elsewhere a key is only warned about', async () => {
    await take(chat.says('ann', '/vault'))
    await take(chat.presses('ann', 'Skip'))
    await take(chat.says('ann', key))
    expect(taken).toEqual([])
    expect(shown()).toContain('looked like a secret key')
    await nowhere()
  })

  it('leaves words that are none to be asked again', async () => {
    await take(chat.says('ann', '/vault'))
    await take(chat.says('ann', 'I do not have one'))
    expect(taken).toEqual([])
    expect(shown()).toContain('can’t make a key out of that')
  })
})

describe('the page', () => {
  it('belongs to the browser that opened it first, works once, and says so to everybody else', async () => {
    await take(chat.says('ann', '/vault'))
    const [mine, other] = [browser(), browser()]
    const path = pagePath()
    expect((await page.request(path)).status).toBe(200) // a chat app's preview is nobody's opening
    expect((await mine(path)).status).toBe(200)
    expect((await other(path)).text).toContain('open elsewhere')
    expect((await other(path, key)).status).toBe(403)
    expect((await mine(path, '')).text).toContain('nothing in the field')
    expect((await mine(path, key)).status).toBe(303)
    await settled()
    expect((await mine(path)).text).toContain('Thank you')
    expect((await mine(path, key)).text).toContain('Thank you')
    expect(taken).toHaveLength(1)
    const late = await other(path)
    expect([late.status, late.text.includes('was used')]).toEqual([410, true])
  })

  it('is over after ten minutes, when another was asked for, and when nobody knows it', async () => {
    await take(chat.says('ann', '/vault'))
    const first = pagePath()
    await take(chat.says('ann', '/vault'))
    expect((await browser()(first)).status).toBe(410)
    await database.database.pool.query(`UPDATE secret_requests SET expires_at = now() - interval '1 second'`)
    const late = await browser()(pagePath())
    expect([late.status, late.text.includes('ten minutes')]).toEqual([410, true])
    expect((await browser()(pagePath(), key)).status).toBe(410)
    expect((await browser()('/s/nothing')).status).toBe(410)
    await settled()
    expect(taken).toEqual([])
  })

  it('that comes too late for its question is answered in the chat, and nothing is kept', async () => {
    await take(chat.says('ann', '/vault'))
    const path = pagePath()
    await take(chat.presses('ann', 'Skip'))
    await browser()(path, key)
    await settled()
    expect(taken).toEqual([])
    expect(shown()).toContain('came too late')
    await nowhere()
  })

  it('runs nothing, loads nothing, is framed by nobody and kept by no cache', async () => {
    await take(chat.says('ann', '/vault'))
    const { headers, text } = await browser()(pagePath())
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; .*form-action 'self'/)
    expect([headers.get('cache-control'), headers.get('referrer-policy'), headers.get('x-frame-options')]).toEqual([
      'no-store',
      'no-referrer',
      'DENY',
    ])
    expect(headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Strict/)
    expect(text).not.toMatch(/<script|https?:\/\//)
    expect(await findCanaries([canary], { texts: { text } })).toEqual([])
  })

  it('can be used again when what came in could not be stored', async () => {
    await take(chat.says('ann', '/vault'))
    const path = pagePath()
    const broken = createSecretPage({
      pool: database.database.pool,
      localiser: createLocaliser(),
      clock: systemClock,
      log: quietLog,
      brandName: 'ClawCloud',
      secure: false,
      receive: () => Promise.reject(new Error('no database')),
      chatLink: () => null,
    })
    const failed = await broken.request(path, { method: 'POST', body: new URLSearchParams({ secret: key }) })
    expect([failed.status, (await failed.text()).includes('Nothing was kept')]).toEqual([503, true])
    expect((await browser()(path, key)).status).toBe(303)
    await settled()
    expect(taken).toHaveLength(1)
  })

  it('works in a process that does not speak the platform: the one that does sends the answer', async () => {
    await take(chat.says('ann', '/vault'))
    const path = pagePath()
    const speaking = outbox
    build(new Map())
    await browser()(path, key)
    await settled()
    expect(shown()).not.toContain('checking')
    await speaking.sweep()
    await speaking.idle()
    expect(shown()).toContain('checking')
    await outbox.stop()
    outbox = speaking
  })
})

describe('a step that waits', () => {
  it('goes on in its own message when its work is over, once, and a flow that is elsewhere is left alone', async () => {
    await take(chat.says('ann', '/vault'))
    await take(chat.says('ann', key))
    await take(chat.says('ann', '/vault'))
    const old = waiting
    await take(chat.says('ann', key))
    const wake = async (args: unknown, name: string) => {
      const prisma = await database.database.prisma()
      await prisma.$transaction((transaction) => wakeFlow(transaction, args, { key: name, now: new Date() }))
      await router.recover()
      await settled()
    }
    const before = chat.messages.length
    await wake(waiting, 'op_1')
    await wake(waiting, 'op_1')
    expect(shown()).toContain('open with')
    expect(shown()).toContain('checked')
    expect(chat.messages).toHaveLength(before)
    await take(chat.says('ann', '/vault'))
    await wake(old, 'op_2')
    expect(shown()).toContain('the key, please')
  })
})

describe('an answer that a step takes back', () => {
  it('is gone, and the flow goes on from what is remembered as from what is stored', async () => {
    await take(chat.says('ann', 'hi'))
    await take(chat.says('ann', '/vault'))
    await take(chat.presses('ann', 'Skip'))
    await take(chat.presses('ann', 'Forget'))
    await take(chat.presses('ann', 'Forget'))
    expect(shown()).toContain('open with nothing')
    build()
    await take(chat.presses('ann', 'Forget'))
    expect(shown()).toContain('open with nothing')
  })
})
