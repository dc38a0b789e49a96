import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { mayAct, type Role } from '../../../core/access/index.ts'
import { commands } from '../../../core/commands/index.ts'
import { textOf } from '../../support/memory-platform.ts'
import { createHouse, GROUP, type House, type Speaker } from '../access/support.ts'

const REFUSED = 'Only the owner and the admins here may do that'

let house: House
beforeEach(async () => {
  house = await createHouse()
})
afterEach(() => house.close())

/** The least role of every command and of every button, written down once more: whoever changes one changes it here too. */
const LEAST: Readonly<Record<string, Role>> = {
  deploy: 'admin',
  instances: 'viewer',
  status: 'viewer',
  ask: 'member',
  usage: 'viewer',
  model: 'member',
  'model.choose': 'admin',
  'model.confirm': 'admin',
  'model.add': 'admin',
  'model.up': 'admin',
  'model.remove': 'admin',
  'model.dearer': 'admin',
  'model.find-fallback': 'admin',
  connect: 'member',
  'connect.show': 'member',
  'connect.channel': 'admin',
  'connect.add': 'admin',
  'connect.paste': 'admin',
  'connect.stop': 'admin',
  'connect.check': 'admin',
  'connect.rotate': 'admin',
  'connect.disconnect': 'admin',
  'connect.people': 'admin',
  'connect.remove': 'admin',
  'connect.open': 'admin',
  'connect.close': 'admin',
  'connect.approve': 'admin',
  'connect.deny': 'admin',
  'connect.made': 'admin',
  'connect.adopt': 'admin',
  key: 'admin',
  'key.check': 'admin',
  'key.replace': 'admin',
  'key.change': 'admin',
  'key.undo': 'admin',
  'key.backup': 'admin',
  restart: 'admin',
  logs: 'admin',
  destroy: 'admin',
  access: 'admin',
  'access.show': 'admin',
  'access.person': 'admin',
  'access.give': 'admin',
  'access.role': 'admin',
  'access.adopt': 'owner',
  link: 'viewer',
  'link.confirm': 'owner',
  'link.join': 'owner',
  'link.refuse': 'owner',
  'link.notices': 'owner',
  unlink: 'viewer',
  'unlink.ask': 'owner',
  'unlink.do': 'owner',
  audit: 'admin',
  'audit.page': 'admin',
  order: 'member',
  'order.check': 'viewer',
  'order.cancel': 'admin',
  'order.link': 'admin',
  'order.renew': 'admin',
  'order.stop': 'admin',
  start: 'viewer',
  help: 'viewer',
  language: 'viewer',
  'language.set': 'viewer',
  'language.everybody': 'admin',
  cancel: 'viewer',
}

const admin = (id: string) => ({ id, groupRole: 'admin' as const, groupRoleIds: [] })
const member = (id: string, ...groupRoleIds: string[]) => ({ id, groupRole: 'member' as const, groupRoleIds })

/** Everybody there can be, on each kind of platform: who they are, what was done for them, what they must turn out to be. */
type Case = {
  readonly who: string
  readonly kind: 'personal' | 'told' | 'silent'
  readonly speaker: Speaker
  readonly role: Role
  readonly grant?: string
  readonly namedRole?: string
}
const CASES: readonly Case[] = [
  { who: 'somebody in their own chat', kind: 'personal', speaker: 'ann', role: 'owner' },
  { who: 'the owner, who administers the group', kind: 'told', speaker: admin('ann'), role: 'owner' },
  { who: 'the owner, who no longer administers it', kind: 'told', speaker: member('ann'), role: 'viewer' },
  { who: 'another administrator', kind: 'told', speaker: admin('bob'), role: 'admin' },
  { who: 'a holder of the named role', kind: 'told', speaker: member('bob', 'r7'), namedRole: 'r7', role: 'admin' },
  {
    who: 'a holder of the named role, excluded',
    kind: 'told',
    speaker: member('bob', 'r7'),
    namedRole: 'r7',
    grant: 'viewer',
    role: 'viewer',
  },
  { who: 'somebody made admin', kind: 'told', speaker: member('bob'), grant: 'admin', role: 'admin' },
  { who: 'somebody made member', kind: 'told', speaker: member('bob'), grant: 'member', role: 'member' },
  { who: 'a plain member', kind: 'told', speaker: member('bob'), role: 'viewer' },
  { who: 'the owner', kind: 'silent', speaker: 'ann', role: 'owner' },
  { who: 'somebody made admin', kind: 'silent', speaker: 'bob', grant: 'admin', role: 'admin' },
  { who: 'somebody made member', kind: 'silent', speaker: 'bob', grant: 'member', role: 'member' },
  { who: 'somebody made viewer', kind: 'silent', speaker: 'bob', grant: 'viewer', role: 'viewer' },
  { who: 'anybody', kind: 'silent', speaker: 'bob', role: 'viewer' },
]

/** Ann begins (as administrator, where the platform says so) and has an assistant. */
async function annHasScout(kind: Case['kind'], rest: Pick<Case, 'grant' | 'namedRole'> = {}): Promise<string> {
  await house.says(kind === 'told' ? admin('ann') : 'ann', '/help', kind === 'personal' ? {} : { in: GROUP })
  const ann = await house.personOf('ann')
  const workspaceId = kind === 'personal' ? `wsp_${ann}` : (await house.workspaceOf()).id
  await house.hasAssistant('scout', 'Scout', workspaceId, ann)
  if (kind === 'personal') return workspaceId
  await house.says(kind === 'told' ? member('bob') : 'bob', '/help', { in: GROUP })
  const bob = await house.personOf('bob')
  if (rest.grant) await house.prisma.grant.create({ data: { workspaceId, personId: bob, role: rest.grant, grantedBy: ann } })
  if (rest.namedRole) await house.prisma.workspace.update({ where: { id: workspaceId }, data: { adminRoleId: rest.namedRole } })
  return workspaceId
}

describe('every command and every button', () => {
  it('is in the table of least roles', () => {
    const all = commands.flatMap(({ name, needs, actions }) => [
      [name, needs] as const,
      ...Object.entries(actions ?? {}).map(([action, known]) => [`${name}.${action}`, known.needs] as const),
    ])
    expect(Object.fromEntries(all)).toEqual(LEAST)
  })

  it.each(CASES.map((one) => [`${one.kind}: ${one.who} is ${one.role}`, one] as const))('%s', async (_title, one) => {
    const workspaceId = await annHasScout(one.kind, one)
    const where = one.kind === 'personal' ? {} : { in: GROUP }
    for (const { name } of commands) {
      const least = LEAST[name] ?? 'owner'
      const shown = await house.says(one.speaker, `/${name}`, where)
      const refusedHere = shown.includes(REFUSED)
      expect(`${name}: ${refusedHere ? 'refused' : 'done'}`).toBe(`${name}: ${mayAct(one.role, least) ? 'done' : 'refused'}`)
      expect(shown).not.toContain('went wrong on our side')
      await house.says(one.speaker, '/cancel', where)
    }
    const refusals = commands.filter(({ name }) => !mayAct(one.role, LEAST[name] ?? 'owner')).map(({ name }) => `refused ${name}`)
    expect((await house.audit(workspaceId)).filter((line) => line.startsWith('refused'))).toEqual(refusals)
  })
})

describe('who only looks', () => {
  it('is offered nothing that they may not do: no assistant to get, no command for admins in /help', async () => {
    await house.says('ann', '/help', { in: GROUP })
    for (const text of ['/start', '/help', '/instances', '/status', 'hello']) {
      const shown = await house.says('bob', text, { in: GROUP })
      expect(`${text}: ${/Get an assistant|\/deploy|\/restart|One tap/.exec(shown)?.[0] ?? 'nothing'}`).toBe(`${text}: nothing`)
    }
    expect(await house.says('ann', '/help', { in: GROUP })).toContain('/deploy')
    expect(await house.says('ann', '/instances', { in: GROUP })).toContain('Get an assistant')
  })

  it('sees a card without the buttons that change something', async () => {
    await annHasScout('silent')
    expect(await house.says('bob', '/status', { in: GROUP })).not.toContain('[')
    expect(await house.says('ann', '/status', { in: GROUP })).toContain('[Restart')
  })

  it.each(['Restart', 'Delete', 'Log', 'Ask it', 'Model'])('presses the owner’s %s in vain', async (label) => {
    await annHasScout('silent')
    await house.says('ann', '/status', { in: GROUP })
    const press = house.chats.memory.presses('ann', label, GROUP)
    await house.send({ ...press, sender: { ...press.sender, id: 'bob', name: 'bob' } })
    expect(house.chats.memory.toasts.at(-1)).toContain('somebody else')
    expect([house.started, house.logsRead()]).toEqual([[], 0])
  })

  it('who may ask can see the models and choose none', async () => {
    await annHasScout('silent', { grant: 'member' })
    expect(await house.says('bob', '/model', { in: GROUP })).toContain('Claude Sonnet')
    await house.says('bob', '/model anthropic/claude-haiku-4.5', { in: GROUP })
    await house.says('bob', '/model Haiku', { in: GROUP })
    await house.presses('bob', 'Claude Haiku', { in: GROUP })
    expect(house.chats.memory.toasts.at(-1)).toContain(REFUSED)
    expect(house.started).toEqual([])
    expect(await house.audit((await house.workspaceOf()).id)).toEqual(['refused model.choose'])
  })
})

describe('what is changed', () => {
  it.each([
    ['/restart', 'restart', 'restart'],
    ['/model anthropic/claude-haiku-4.5', 'switch-model', 'model'],
  ])('by %s is done once and written down with it', async (text, kind, action) => {
    const workspaceId = await annHasScout('silent')
    await house.says('ann', text, { in: GROUP })
    expect(house.started.map((operation) => [operation.kind, operation.instanceId])).toEqual([[kind, 'scout']])
    expect(await house.audit(workspaceId)).toEqual([`done ${action}`])
  })

  it('by a question is its own record', async () => {
    await annHasScout('silent', { grant: 'member' })
    await house.says('bob', '/ask what is new?', { in: GROUP })
    expect(house.started.map(({ kind }) => kind)).toEqual(['ask'])
  })

  it('by deleting is written down', async () => {
    const workspaceId = await annHasScout('personal')
    await house.says('ann', '/destroy')
    await house.says('ann', 'Scout')
    expect(house.started.map(({ kind }) => kind)).toEqual(['destroy'])
    expect(await house.audit(workspaceId)).toEqual(['done destroy'])
  })
})

describe('the name of a new assistant', () => {
  it.each(['Scout', ' scout ', 'ＳＣＯＵＴ'])(
    '“%s” is refused while an assistant of that name lives, and free afterwards',
    async (name) => {
      await annHasScout('personal')
      await house.says('ann', '/deploy')
      await house.says('ann', name)
      expect(house.chats.memory.messages.map((shown) => textOf(shown.message)).join('\n')).toContain('Please choose another name')
      const steps = async () => (await house.prisma.conversation.findMany({ select: { step: true } })).map(({ step }) => step)
      expect(await steps()).toEqual(['name'])
      await house.prisma.instance.updateMany({ data: { state: 'destroyed', destroyedAt: new Date() } })
      await house.says('ann', name)
      expect(await steps()).toEqual(['plan'])
    },
  )
})
