import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGroupLeft } from '../../../core/access/index.ts'
import { quietLog } from '../../support/services.ts'
import { createHouse, GROUP, type House } from './support.ts'

let house: House
beforeEach(async () => {
  house = await createHouse()
})
afterEach(() => house.close())

const inGroup = { in: GROUP }
const admin = (id: string) => ({ id, groupRole: 'admin' as const, groupRoleIds: [] })
const member = (id: string, ...groupRoleIds: string[]) => ({ id, groupRole: 'member' as const, groupRoleIds })
const REFUSED = 'Only the owner and the admins'

describe('/access', () => {
  it('gives a role by button that counts at the next action, and takes it again', async () => {
    await house.says('ann', '/help', inGroup)
    expect(await house.says('bob', '/deploy', inGroup)).toContain(REFUSED)
    expect(await house.says('ann', '/access', inGroup)).toContain('You: Owner: it began with you')
    await house.presses('ann', 'bob', inGroup)
    await house.presses('ann', 'Admin', inGroup)
    expect(house.chats.memory.toasts.at(-1)).toContain('bob is now: Admin')
    expect(await house.says('bob', '/deploy', inGroup)).toContain('What shall it be called')
    await house.says('bob', '/cancel', inGroup)
    await house.says('ann', '/access bob none', inGroup)
    expect(await house.says('bob', '/deploy', inGroup)).toContain(REFUSED)
    expect((await house.audit((await house.workspaceOf()).id)).filter((line) => line.startsWith('done'))).toEqual([
      'done role-given',
      'done role-taken',
    ])
  })

  it.each(['/access bob member', '/access @bob member', '/access <@bob> 成员'])('understands %s', async (text) => {
    await house.says('ann', '/help', inGroup)
    await house.says('bob', '/help', inGroup)
    await house.says('ann', text, inGroup)
    expect(await house.prisma.grant.findMany()).toMatchObject([{ personId: await house.personOf('bob'), role: 'member' }])
  })

  it('knows everybody who wrote in any of a group’s threads, once', async () => {
    const thread = (id: string) => ({ in: { ...GROUP, id, groupId: GROUP.id } })
    await house.says('ann', '/help', thread('t1'))
    for (const id of ['t2', 't3']) await house.says('bob', '/help', thread(id))
    await house.says('carl', '/help', { in: { ...GROUP, id: 'elsewhere' } })
    const shown = await house.says('ann', '/access', thread('t1'))
    expect(shown.match(/bob/g)).toHaveLength(1)
    expect(shown).not.toContain('carl')
  })

  it('says who can’t be meant', async () => {
    await house.says('ann', '/help', inGroup)
    expect(await house.says('ann', '/access carl admin', inGroup)).toContain('I know nobody called “carl”')
  })

  it('never takes the last owner away', async () => {
    await house.says('ann', '/help', inGroup)
    await house.says('bob', '/help', inGroup)
    await house.says('ann', '/access bob admin', inGroup)
    expect(await house.says('bob', '/access ann viewer', inGroup)).toContain('stays the owner')
    expect(await house.prisma.grant.count({ where: { personId: await house.personOf('ann') } })).toBe(0)
  })

  it('names a role of the platform whose holders are admins from then on', async () => {
    await house.says(admin('ann'), '/help', inGroup)
    expect(await house.says(member('bob', '77'), '/restart', inGroup)).toContain(REFUSED)
    expect(await house.says(admin('ann'), '/access role <@&77>', inGroup)).toContain('Who holds the role Crew: Admin')
    expect(await house.says(member('bob', '77'), '/restart', inGroup)).toContain('no assistant here yet')
    expect(await house.says(member('bob'), '/restart', inGroup)).toContain(REFUSED)
    // Where the platform does not say what it is called, its number must do.
    expect(await house.says(admin('ann'), '/access role <@&78>', inGroup)).toContain('Who holds the role 78: Admin')
    await house.presses(admin('ann'), 'No named role', inGroup)
    expect(await house.says(member('bob', '77'), '/restart', inGroup)).toContain(REFUSED)
  })

  it('has nothing to name where the platform has no roles', async () => {
    await house.says('ann', '/help', inGroup)
    expect(await house.says('ann', '/access role 77', inGroup)).toContain('no roles that I could use')
  })

  it('explains itself in a private chat', async () => {
    expect(await house.says('ann', '/access')).toContain('nobody else can do anything here')
  })
})

describe('a permission', () => {
  it('lost in the middle of a wizard ends it', async () => {
    await house.says(admin('ann'), '/help', inGroup)
    await house.says(admin('bob'), '/deploy', inGroup)
    await house.says(admin('bob'), 'Nova', inGroup)
    await house.presses(member('bob'), 'Lite', inGroup)
    expect(house.chats.memory.messages.map(({ message }) => JSON.stringify(message)).join()).toContain(REFUSED)
    expect(await house.prisma.conversation.count({ where: { flow: 'deploy' } })).toBe(0)
  })

  it('lost by the owner takes effect at the next action; they stay who is told about payments', async () => {
    await house.says(admin('ann'), '/help', inGroup)
    expect(await house.says(member('ann'), '/deploy', inGroup)).toContain(REFUSED)
    expect((await house.workspaceOf()).ownerPersonId).toBe(await house.personOf('ann'))
  })
})

describe('a group', () => {
  async function orders(speaker: ReturnType<typeof admin>): Promise<void> {
    await house.says(speaker, '/deploy', inGroup)
    await house.says(speaker, `Nova ${speaker.id}`, inGroup)
    await house.presses(speaker, 'Lite', inGroup)
    await house.presses(speaker, 'AI included', inGroup)
    await house.presses(speaker, 'Claude Sonnet', inGroup)
    await house.presses(speaker, 'Continue to payment', inGroup)
  }

  it('is owned by its first administrator who orders, not by who said something first', async () => {
    await house.says(member('eve'), '/help', inGroup)
    await orders(admin('ann'))
    expect((await house.workspaceOf()).ownerPersonId).toBe(await house.personOf('ann'))
    await orders(admin('bob'))
    expect((await house.workspaceOf()).ownerPersonId).toBe(await house.personOf('ann'))
    expect(await house.audit((await house.workspaceOf()).id)).toEqual(['done deploy', 'done deploy'])
  })

  it('that we had to leave: who pays is told in private what runs on and what it costs, once, and can take it along', async () => {
    await house.says('ann', '/help')
    await house.says('ann', '/help', inGroup)
    const ann = await house.personOf('ann')
    const group = await house.workspaceOf()
    await house.hasAssistant('scout', 'Scout', group.id, ann)
    await house.hasAssistant('mine', 'Scout', `wsp_${ann}`, ann)
    const left = createGroupLeft({
      database: house.database,
      platforms: new Map(),
      notices: house.notices,
      localiser: house.localiser,
      clock: house.clock,
      log: quietLog,
    })
    await Promise.all([left('memory', GROUP.id), left('memory', GROUP.id)])
    await left('memory', GROUP.id)
    await left('memory', 'a group we never were in')
    await house.outbox.sweep()
    await house.outbox.idle()
    const told = house.shownTo('ann').filter((shown) => shown.includes('I was removed from “Team”'))
    expect(told).toHaveLength(1)
    expect(told[0]).toMatch(/Nothing was deleted or stopped[\s\S]*Scout: running · \$29 a month/)
    expect(await house.prisma.instance.count({ where: { workspaceId: group.id, destroyedAt: null } })).toBe(1)

    expect(await house.presses('ann', 'Move them to this chat')).toContain('One assistant moved')
    expect(house.shownTo('ann').at(-1)).toContain('Scout → Scout 2')
    expect(await house.prisma.instance.findUnique({ where: { id: 'scout' } })).toMatchObject({
      name: 'Scout 2',
      workspaceId: `wsp_${ann}`,
      chatId: 'private:ann',
    })
    expect(await house.audit(group.id)).toEqual(['done adopt'])
  })

  it('that has us back works as before, and an old notice moves nothing', async () => {
    await house.says('ann', '/help')
    await house.says('ann', '/help', inGroup)
    const group = await house.workspaceOf()
    await house.hasAssistant('scout', 'Scout', group.id, await house.personOf('ann'))
    const parts = { database: house.database, platforms: new Map(), notices: house.notices, localiser: house.localiser }
    await createGroupLeft({ ...parts, clock: house.clock, log: quietLog })('memory', GROUP.id)
    await house.outbox.sweep()
    await house.outbox.idle()
    expect(await house.says('ann', '/status', inGroup)).toContain('Scout')
    expect((await house.workspaceOf()).leftAt).toBeNull()
    await house.presses('ann', 'Move them to this chat')
    expect(house.shownTo('ann').join('\n')).toContain('I am in the group again')
    expect(await house.prisma.instance.count({ where: { workspaceId: group.id } })).toBe(1)
  })
})

describe('a token', () => {
  it('carried over from another chat runs nothing and is written down where it belongs', async () => {
    await house.says('ann', '/help')
    const ann = await house.personOf('ann')
    await house.hasAssistant('scout', 'Scout', `wsp_${ann}`, ann)
    await house.says('ann', '/status')
    const press = house.chats.memory.presses('ann', 'Restart')
    await house.says('eve', '/help')
    await house.send({ ...press, chat: { id: 'private:eve', kind: 'private' }, sender: { id: 'eve', name: 'Eve' } })
    expect(house.started).toEqual([])
    expect(await house.audit(`wsp_${ann}`)).toEqual(['refused foreign-button'])
  })

  it('and a refusal fill no table: the same one is written once a minute', async () => {
    await house.says('ann', '/help', inGroup)
    for (let turn = 0; turn < 4; turn++) await house.says('bob', '/destroy', inGroup)
    expect(await house.audit((await house.workspaceOf()).id)).toEqual(['refused destroy'])
  })
})

describe('the language', () => {
  it('is the person’s choice, else the group’s, else the platform’s', async () => {
    await house.says('ann', '/help', inGroup)
    expect(await house.says({ id: 'bob', locale: 'zh-CN' }, '/help', inGroup)).toContain('我能做什么')
    await house.says('ann', '/language', inGroup)
    expect(await house.presses('ann', 'All: English', inGroup)).toContain('I answer everybody here in English')
    expect(await house.says({ id: 'bob', locale: 'zh-CN' }, '/help', inGroup)).toContain('what I can do')
    expect(await house.says({ id: 'bob', locale: 'zh-CN' }, '/help')).toContain('我能做什么')
    await house.says('bob', '/language 中文')
    expect(await house.says('bob', '/help', inGroup)).toContain('我能做什么')
    expect(await house.audit((await house.workspaceOf()).id)).toEqual(['done language'])
  })

  it('of a group is not for everybody to choose', async () => {
    await house.says('ann', '/help', inGroup)
    expect(await house.says('bob', '/language', inGroup)).not.toContain('All:')
  })
})

describe('/audit', () => {
  it('shows who did what from where, newest first, page by page', async () => {
    await house.says('ann', '/help', inGroup)
    const { id: workspaceId } = await house.workspaceOf()
    for (let number = 1; number <= 23; number++)
      await house.prisma.auditEntry.create({
        data: {
          workspaceId,
          personId: 'p',
          platform: 'memory',
          action: 'restart',
          outcome: 'done',
          detail: { by: 'Ann', name: `No ${number}` },
        },
      })
    const first = await house.says('ann', '/audit', inGroup)
    expect(first).toMatch(/Ann: restarted No 23 · .+ UTC · Memory\n/)
    expect(first).not.toContain('No 13 ·')
    await house.presses('ann', 'Older', inGroup)
    const second = await house.presses('ann', 'Older', inGroup)
    expect(second).toContain('No 3 ·')
    expect(second).not.toContain('Older')
    expect(await house.presses('ann', 'Newest', inGroup)).toContain('No 23 ·')
    expect(await house.says('ann', '/language zh', inGroup)).toContain('从现在起')
    expect(await house.says('ann', '/audit', inGroup)).toContain('重启了')
  })
})

describe('what is for one person only', () => {
  it('goes to their private chat, also where they never wrote if the platform lets us write first', async () => {
    await house.says('ann', '/help', inGroup)
    await house.hasAssistant('scout', 'Scout', (await house.workspaceOf()).id, await house.personOf('ann'))
    expect(await house.says('ann', '/logs', inGroup)).toContain('Open a private chat')
    await house.says({ id: 'ann', privateChatId: 'private:ann' }, '/logs', inGroup)
    expect(house.shownTo('ann')).toEqual([expect.stringContaining('Log of Scout')])
  })
})
