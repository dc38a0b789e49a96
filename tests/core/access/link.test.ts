import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { codeHash, newCode } from '../../../core/access/index.ts'
import { randomIds } from '../../support/services.ts'
import { createHouse, GROUP, type House } from './support.ts'

let house: House
beforeEach(async () => {
  house = await createHouse()
})
afterEach(() => house.close())

const codeIn = (shown: string) => /\/link (\w{4}-\w{4})/.exec(shown)?.[1] ?? ''
const onOther = { on: 'other' } as const

/** Ann on one platform, Bob on the other: one human being, two accounts, an assistant each. */
async function annAndBob(names = ['Scout', 'Luna']): Promise<{ ann: string; bob: string }> {
  await house.says('ann', '/help')
  await house.says('bob', '/help', onOther)
  const [ann, bob] = [await house.personOf('ann'), await house.personOf('bob', 'other')]
  await house.hasAssistant('one', names[0] ?? '', `wsp_${ann}`, ann)
  await house.hasAssistant('two', names[1] ?? '', `wsp_${bob}`, bob)
  return { ann, bob }
}

async function joined(): Promise<void> {
  const code = codeIn(await house.says('ann', '/link'))
  await house.says('bob', `/link ${code}`, onOther)
  await house.presses('bob', 'Yes, that is me', onOther)
  await house.presses('ann', 'Yes, join them')
}

describe('two accounts', () => {
  it('become one person after both said yes to each other’s name', async () => {
    const { ann } = await annAndBob()
    const code = codeIn(await house.says('ann', '/link'))
    expect(await house.says('bob', `/link ${code.toLowerCase().replace('-', ' ')}`, onOther)).toContain('Is ann on Memory you?')
    expect(await house.presses('bob', 'Yes, that is me', onOther)).toContain('please confirm there')
    expect(house.shownTo('ann').at(-1)).toContain('Join with bob on Other?')
    expect(await house.presses('ann', 'Yes, join them')).toContain('Joined with bob on Other')
    expect(house.shownTo('bob', 'other').at(-1)).toContain('Joined with ann on Memory')

    expect(await house.personOf('bob', 'other')).toBe(ann)
    expect(await house.prisma.person.count()).toBe(2) // and the one that the fixture of an instance brings
    for (const shown of [await house.says('ann', '/instances'), await house.says('bob', '/instances', onOther)])
      expect(shown).toMatch(/Scout[\s\S]*Luna/)
    expect(await house.audit(`wsp_${ann}`)).toEqual(['done link'])
  })

  it('keep everything: orders, payments, groups, roles, money’s owner, and buttons that were shown', async () => {
    const { ann, bob } = await annAndBob()
    await house.says('bob', '/status', onOther)
    await house.says('bob', '/help', { on: 'other', in: GROUP })
    const group = await house.workspaceOf()
    await house.prisma.grant.create({ data: { workspaceId: group.id, personId: bob, role: 'member', grantedBy: bob } })
    await house.prisma.billingCustomer.create({ data: { personId: bob, customerId: 'cus_1' } })
    await house.prisma.ledgerEntry.create({ data: { key: 'k', kind: 'charge', workspaceId: `wsp_${bob}` } })
    await joined()

    expect(await house.prisma.instance.count({ where: { workspaceId: `wsp_${ann}`, ownerPersonId: ann } })).toBe(2)
    expect((await house.workspaceOf()).ownerPersonId).toBe(ann)
    expect(await house.prisma.grant.findMany()).toMatchObject([{ personId: ann, role: 'member' }])
    expect(await house.prisma.billingCustomer.findMany()).toMatchObject([{ personId: ann, customerId: 'cus_1' }])
    expect(await house.prisma.ledgerEntry.count({ where: { workspaceId: `wsp_${ann}` } })).toBe(1)
    expect(await house.prisma.workspace.count({ where: { id: `wsp_${bob}` } })).toBe(0)
    await house.presses('bob', 'Restart', onOther)
    expect(house.started.map(({ kind, instanceId }) => [kind, instanceId])).toEqual([['restart', 'two']])
  })

  it('whose assistants have one name keep both, one with a number', async () => {
    await annAndBob(['Scout', 'ＳＣＯＵＴ'])
    await joined()
    expect(house.shownTo('ann').at(-1)).toContain('ＳＣＯＵＴ → ＳＣＯＵＴ 2')
    expect((await house.prisma.instance.findMany({ orderBy: { id: 'asc' } })).map(({ name }) => name)).toEqual([
      'Scout',
      'ＳＣＯＵＴ 2',
    ])
  })

  it('are not joined while an unpaid order of one has the name of something of the other', async () => {
    const { bob } = await annAndBob()
    const place = { platform: 'other', chatId: 'private:bob', userId: 'bob', language: 'en' }
    const bought = { planId: 'lite', instanceName: 'scout', model: 'm', priceCents: 1, currency: 'usd', creditMicros: 1n }
    await house.prisma.order.create({
      data: { id: 'ord_1', workspaceId: `wsp_${bob}`, personId: bob, state: 'awaiting-payment', ...place, ...bought },
    })
    await joined()
    expect(house.shownTo('ann').at(-1)).toContain('Both accounts have something called “scout”')
    expect(await house.personOf('bob', 'other')).toBe(bob)
    await house.prisma.order.update({ where: { id: 'ord_1' }, data: { state: 'cancelled' } })
    await house.presses('ann', 'Yes, join them')
    expect(await house.personOf('bob', 'other')).toBe(await house.personOf('ann'))
  })

  it('stay apart when either side says no, and the other hears it', async () => {
    const { bob } = await annAndBob()
    const first = codeIn(await house.says('ann', '/link'))
    await house.says('bob', `/link ${first}`, onOther)
    expect(await house.presses('bob', 'No, stop', onOther)).toContain('Nothing was joined')
    expect(house.shownTo('ann').at(-1)).toContain('bob on Other said no')

    const second = codeIn(await house.says('ann', '/link'))
    await house.says('bob', `/link ${second}`, onOther)
    await house.presses('bob', 'Yes, that is me', onOther)
    await house.presses('ann', 'No, stop')
    expect(house.shownTo('bob', 'other').at(-1)).toContain('ann on Memory said no')
    expect(await house.personOf('bob', 'other')).toBe(bob)
  })

  it('are joined once, however often the last button is pressed', async () => {
    await annAndBob()
    await joined()
    await house.presses('ann', 'my assistants').catch(() => undefined)
    expect(await house.prisma.linkCode.count({ where: { usedAt: { not: null } } })).toBe(1)
    expect(await house.says('ann', '/unlink')).toContain('bob on Other')
  })
})

describe('a code', () => {
  it('is stored as a hash only', async () => {
    await annAndBob()
    const code = codeIn(await house.says('ann', '/link'))
    expect(code).toMatch(/^[A-Z2-9]{4}-[A-Z2-9]{4}$/)
    const { rows } = await house.database.pool.query(`SELECT row_to_json(l)::text AS row FROM link_codes l`)
    expect(rows).toHaveLength(1)
    expect(rows[0].row).not.toContain(code.slice(0, 4))
    expect(rows[0].row).toContain(codeHash(code))
  })

  it('has no letters that are taken for others', () => {
    for (let turn = 0; turn < 200; turn++) expect(newCode(randomIds)).toMatch(/^[A-HJKMNP-Z2-9]{4}-[A-HJKMNP-Z2-9]{4}$/)
  })

  it('is good for one account and for ten minutes', async () => {
    await annAndBob()
    const code = codeIn(await house.says('ann', '/link'))
    await house.says('bob', `/link ${code}`, onOther)
    expect(await house.says('eve', `/link ${code}`, onOther)).toContain('wrong, used or older')
    house.setClock(new Date(Date.now() + 11 * 60_000))
    await house.presses('bob', 'Yes, that is me', onOther)
    expect(house.shownTo('bob', 'other').join('\n')).toContain('used up or too old')
    expect(await house.prisma.linkCode.count({ where: { usedAt: { not: null } } })).toBe(0)
  })

  it('is over when a newer one is made', async () => {
    await annAndBob()
    const old = codeIn(await house.says('ann', '/link'))
    await house.says('ann', '/link')
    expect(await house.says('bob', `/link ${old}`, onOther)).toContain('wrong, used or older')
  })

  it('can’t be guessed at: after five wrong ones the right one is not looked at either, until ten minutes are over', async () => {
    await annAndBob()
    for (let turn = 0; turn < 5; turn++) await house.says('bob', `/link AAAA-AAA${turn + 2}`, onOther)
    const code = codeIn(await house.says('ann', '/link'))
    expect(await house.says('bob', `/link ${code}`, onOther)).toContain('tried too often')
    const bob = await house.personOf('bob', 'other')
    expect(await house.audit(`wsp_${bob}`)).toEqual(Array(5).fill('refused link-wrong-code'))
    house.setClock(new Date(Date.now() + 11 * 60_000))
    expect(await house.says('bob', `/link ${codeIn(await house.says('ann', '/link'))}`, onOther)).toContain('Is ann')
  })

  it('can be asked for five times in ten minutes', async () => {
    for (let turn = 0; turn < 5; turn++) expect(codeIn(await house.says('ann', '/link'))).not.toBe('')
    expect(await house.says('ann', '/link')).toContain('tried too often')
  })

  it('is neither made nor taken in a group', async () => {
    expect(await house.says('ann', '/link', { in: GROUP })).toContain('private chat')
    expect(await house.prisma.linkCode.count()).toBe(0)
  })

  it('of one’s own account joins nothing', async () => {
    expect(await house.says('ann', `/link ${codeIn(await house.says('ann', '/link'))}`)).toContain('linked already')
  })
})

describe('a separated account', () => {
  it('begins anew; everything stays, and what it was told is told where the rest is', async () => {
    const { ann } = await annAndBob()
    await joined()
    await house.prisma.instance.update({
      where: { id: 'two' },
      data: { platform: 'other', chatId: 'private:bob', userId: 'bob' },
    })
    await house.says('ann', '/unlink')
    expect(await house.presses('ann', 'bob on Other')).toContain('All assistants, orders, payments and groups')
    expect(await house.presses('ann', 'Separate')).toContain('is on its own now')
    expect(house.shownTo('bob', 'other').at(-1)).toContain('separated from your other one')
    expect(await house.personOf('bob', 'other')).not.toBe(ann)
    expect(await house.says('bob', '/instances', onOther)).toContain('no assistant here yet')
    expect(await house.says('ann', '/instances')).toMatch(/Scout[\s\S]*Luna/)
    expect(await house.prisma.instance.findUnique({ where: { id: 'two' } })).toMatchObject({ platform: 'memory', userId: 'ann' })
    expect((await house.audit(`wsp_${ann}`)).at(-1)).toBe('done unlink')
    expect(await house.says('ann', '/unlink')).toContain('No other account')
  })

  it('finds the buttons it was shown before refused, and that is written down', async () => {
    const { ann } = await annAndBob()
    await joined()
    await house.says('bob', '/status Luna', onOther)
    await house.says('ann', '/unlink')
    await house.presses('ann', 'bob on Other')
    await house.presses('ann', 'Separate')
    await house.presses('bob', 'Restart', onOther)
    expect(house.chats.other.toasts.at(-1)).toContain('somebody else')
    expect(house.started).toEqual([])
    expect((await house.audit(`wsp_${ann}`)).at(-1)).toBe('refused foreign-button')
  })
})

describe('notices', () => {
  it('go where the person said, also of assistants they have already', async () => {
    const { ann } = await annAndBob()
    await joined()
    expect(await house.says('ann', '/link')).toContain('[Memory] [Other]')
    expect(await house.presses('ann', 'Other')).toContain('on Other')
    expect(await house.prisma.person.findUnique({ where: { id: ann } })).toMatchObject({ noticePlatform: 'other' })
    expect(await house.prisma.instance.count({ where: { platform: 'other', chatId: 'private:bob', userId: 'bob' } })).toBe(2)
  })
})

describe('an order', () => {
  it('whose questions were begun on one platform goes on at the same one on the other', async () => {
    await annAndBob()
    await joined()
    await house.says('ann', '/deploy')
    await house.says('ann', 'Nova')
    const shown = await house.says('bob', '/deploy', onOther)
    expect(house.shownTo('bob', 'other').at(-2)).toContain('Going on with the order you began')
    expect(shown).toContain('A plan for Nova')
    await house.presses('bob', 'Lite', onOther)
    expect(house.shownTo('bob', 'other').join('\n')).toContain('How shall the AI be paid')
    expect(await house.prisma.conversation.count({ where: { flow: 'deploy' } })).toBe(1)
    await house.presses('ann', 'Lite')
    expect(await house.prisma.conversation.count({ where: { flow: 'deploy' } })).toBe(1)
  })

  it('that is at its key goes on with a page of its own to hand it over on', async () => {
    await annAndBob()
    await joined()
    await house.says('ann', '/deploy')
    await house.says('ann', 'Nova')
    await house.presses('ann', 'Lite')
    await house.says('ann', 'anthropic')
    expect(await house.says('bob', '/deploy', onOther)).toContain('Anthropic')
    expect(
      await house.prisma.secretRequest.count({ where: { platform: 'other', userId: 'bob', flow: 'deploy', step: 'key' } }),
    ).toBe(1)
  })

  it('takes the key that was handed over for it along, as assistants do their keys and channels', async () => {
    const { ann, bob } = await annAndBob()
    const handed = { provider: 'anthropic', sealed: 'x', last4: '0001', workspaceId: `wsp_${bob}`, addedByPersonId: bob }
    await house.prisma.providerKey.createMany({
      data: [
        { id: 'key_1', ...handed },
        { id: 'key_2', instanceId: 'two', ...handed },
      ],
    })
    const bot = { kind: 'telegram', externalId: '1', name: 'bot', sealed: 'x', last4: '0001' }
    await house.prisma.channel.create({
      data: { id: 'chn_1', ...bot, workspaceId: `wsp_${bob}`, instanceId: 'two', addedByPersonId: bob },
    })
    await joined()
    const anns = { workspaceId: `wsp_${ann}`, addedByPersonId: ann }
    expect(await house.prisma.providerKey.findMany()).toMatchObject([anns, anns])
    expect(await house.prisma.channel.findMany()).toMatchObject([anns])
  })

  it('that waits for payment is shown where /order is typed, and goes on there', async () => {
    const { ann } = await annAndBob()
    await joined()
    const place = { platform: 'memory', chatId: 'private:ann', userId: 'ann', language: 'en' }
    const bought = { planId: 'lite', instanceName: 'Nova', model: 'm', priceCents: 2900, currency: 'usd', creditMicros: 1n }
    await house.prisma.order.create({
      data: {
        id: 'ord_1',
        workspaceId: `wsp_${ann}`,
        personId: ann,
        state: 'awaiting-payment',
        checkoutUrl: 'https://pay.example',
        ...place,
        ...bought,
      },
    })
    expect(await house.says('bob', '/order', onOther)).toContain('Nova')
    expect(await house.prisma.order.findUnique({ where: { id: 'ord_1' } })).toMatchObject({
      platform: 'other',
      chatId: 'private:bob',
      userId: 'bob',
    })
    expect(await house.says('bob', '/cancel', onOther)).toContain('nothing will be charged for Nova')
    expect(await house.prisma.order.findUnique({ where: { id: 'ord_1' } })).toMatchObject({ state: 'cancelled' })
  })

  it('of another workspace can’t be opened by its id, and that is written down there', async () => {
    const { ann } = await annAndBob()
    const place = { platform: 'memory', chatId: 'private:ann', userId: 'ann', language: 'en' }
    const bought = { planId: 'lite', instanceName: 'Nova', model: 'm', priceCents: 2900, currency: 'usd', creditMicros: 1n }
    await house.prisma.order.create({
      data: { id: 'ord_1', workspaceId: `wsp_${ann}`, personId: ann, state: 'awaiting-payment', ...place, ...bought },
    })
    expect(await house.says('bob', '/start paid_ord_1', onOther)).not.toContain('Nova')
    expect(await house.audit(`wsp_${ann}`)).toEqual(['refused foreign-order'])
  })
})
