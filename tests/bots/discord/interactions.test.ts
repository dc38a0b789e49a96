// Long because it is one list: how interactions are answered, in time and by whom, on both ways they come.
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FittedForm } from '../../../core/chat/fit.ts'
import type { DiscordGuild, DiscordPerson } from '../../support/discord/index.ts'
import { button, createWorld, says, type World } from './world.ts'

/** Discord's deadline is 3000; ours leaves room for a slow network. */
const WELL_WITHIN_MS = 1800
/** How long a press waits for the core's answer before it is deferred. */
const HELD_MS = 1000

const form: FittedForm = {
  name: 'name',
  token: 'tok:form',
  submitLabel: 'Take this name',
  fields: [
    { name: 'name', label: 'Name *of* it', hint: 'short', maxLength: 32, secret: false },
    { name: 'key', label: 'Key', maxLength: 400, secret: true },
  ],
}

describe.each(['gateway', 'http'] as const)('an interaction over %s', (over) => {
  let world: World
  let ada: DiscordPerson
  let guild: DiscordGuild
  let allowed: RegExp

  beforeEach(async () => {
    world = await createWorld(over)
    ada = world.discord.person({ name: 'Ada' })
    guild = world.discord.guild({ owner: world.discord.person({ name: 'Bob' }) })
    allowed = /^$/
  })
  afterEach(async () => {
    await world.close(allowed)
  })

  const inGuild = () => ada.in(guild).messages()
  /** A message of ours in the server, from which presses come. */
  async function shown(message: Parameters<World['answer']>[1]): Promise<string> {
    const reaction = ada.command('usage', {}, guild)
    const ref = await world.answerOk(await world.arrived(1), message)
    await reaction
    return ref
  }

  describe('that is a command', () => {
    it('is answered at once when the core is quick, with nothing before it', async () => {
      const reaction = ada.command('usage', {}, guild)
      const ref = await world.answerOk(await world.arrived(), says('Spent: $1'))
      expect(await reaction).toMatchObject({ kind: 'message', ephemeral: false })
      expect(inGuild().map(({ text, id }) => [text, id])).toEqual([['Spent: $1', ref]])
    })

    it('is acknowledged well within three seconds when the core is slow, and its answer takes that place', async () => {
      const { ackMs, kind } = await ada.command('usage', {}, guild)
      expect(kind).toBe('deferred')
      expect(ackMs).toBeGreaterThan(500)
      expect(ackMs).toBeLessThan(WELL_WITHIN_MS)
      const thinking = inGuild()[0]
      expect(thinking).toMatchObject({ deferred: true, ephemeral: false })
      const ref = await world.answerOk(await world.arrived(), says('At last'))
      expect(inGuild()).toMatchObject([{ id: thinking?.id, text: 'At last', deferred: false, edited: false }])
      expect(ref).toBe(thinking?.id)
    })

    it('is acknowledged whatever the core does: also when it takes nothing at all', async () => {
      world.onIncoming(() => new Promise(() => {}))
      expect(await ada.command('usage', {}, guild)).toMatchObject({ kind: 'deferred' })
    })

    it('is kept until the core has stored it, and answered then', async () => {
      let away = 3
      world.onIncoming(async () => {
        away -= 1
        if (away >= 0) throw new Error('the database is away')
      })
      expect(await ada.command('usage', {}, guild)).toMatchObject({ kind: 'deferred' })
      await world.answerOk(await world.arrived(), says('Stored'))
      expect(inGuild()).toMatchObject([{ text: 'Stored' }])
      expect(world.received).toHaveLength(1)
    })

    it('may be answered by several messages, in their order', async () => {
      const reaction = ada.command('usage', {}, guild)
      const incoming = await world.arrived()
      const refs = [await world.answerOk(incoming, says('one')), await world.answerOk(incoming, says('two'))]
      await reaction
      expect(inGuild().map(({ text, id }) => [text, id])).toEqual([
        ['one', refs[0]],
        ['two', refs[1]],
      ])
    })

    it('is answered for its sender’s eyes alone where the answer is private', async () => {
      const reaction = ada.command('usage', {}, guild)
      const ref = await world.answerOk(await world.arrived(), says('Secret'), { onlyFor: ada.id })
      expect(await reaction).toMatchObject({ kind: 'message', ephemeral: true })
      const bob = world.discord.person({ name: 'Carl' })
      bob.says('hello', guild)
      expect(bob.in(guild).messages()).toMatchObject([{ text: 'hello' }])
      // And changed in place, for as long as Discord lets us.
      await world.answerOk({ ...(await world.arrived()), acknowledgement: undefined }, says('Secret, changed'), { edit: ref })
      expect(inGuild()[0]).toMatchObject({ text: 'Secret, changed', ephemeral: true })
    })

    it('known to be answered privately is deferred privately', async () => {
      expect(await ada.command('logs', {}, guild)).toMatchObject({ kind: 'deferred', ephemeral: true })
      await world.answerOk(await world.arrived(), says('The log'), { onlyFor: ada.id })
      expect(inGuild()).toMatchObject([{ text: 'The log', ephemeral: true }])
      // In a private chat there is nobody to hide it from.
      expect(await ada.command('logs')).toMatchObject({ kind: 'deferred', ephemeral: false })
      await world.answerOk(await world.arrived(2), says('The log'))
    })

    it.each([
      ['logs', undefined],
      ['usage', 'onlyFor'],
    ] as const)('whose eyes were guessed wrong (/%s) takes the guess back', async (name, privately) => {
      const { ephemeral } = await ada.command(name, {}, guild)
      expect(ephemeral).toBe(privately === undefined)
      const more = privately === undefined ? {} : { onlyFor: ada.id }
      await world.answerOk(await world.arrived(), says('Seen by whom it should'), more)
      expect(inGuild()).toMatchObject([{ text: 'Seen by whom it should', ephemeral: privately !== undefined, deferred: false }])
    })

    it('is answered in the channel when its token has run out', async () => {
      await ada.command('usage', {}, guild)
      const incoming = await world.arrived()
      world.discord.expireTokens()
      const ref = await world.answerOk(incoming, says('Late but there'))
      expect(inGuild().at(-1)).toMatchObject({ id: ref, text: 'Late but there', ephemeral: false })
      await world.answerOk(incoming, says('And changed'), { edit: ref })
      expect(inGuild().at(-1)).toMatchObject({ text: 'And changed' })
    })

    it('with a private answer goes to the private chat when its token has run out, without buttons that work elsewhere', async () => {
      await ada.command('logs', {}, guild)
      world.discord.expireTokens()
      const rows = [[button('Again', 'a'), { label: 'Pay', style: 'primary', url: 'https://pay.example.com/1' } as const]]
      const incoming = await world.arrived()
      const ref = await world.answerOk(incoming, says('For you', { rows }), { onlyFor: ada.id })
      expect(ada.dm().messages()).toMatchObject([{ text: 'For you', buttons: [{ label: 'Pay' }] }])
      await world.answerOk(incoming, says('For you, changed'), { onlyFor: ada.id, edit: ref })
      expect(ada.dm().messages()).toMatchObject([{ text: 'For you, changed' }])
      expect(inGuild().every(({ text }) => !text.includes('For you'))).toBe(true)
    })

    it('says that a private message is gone when the token that reaches it has run out', async () => {
      const reaction = ada.command('usage', {}, guild)
      const incoming = await world.arrived()
      const ref = await world.answerOk(incoming, says('Secret'), { onlyFor: ada.id })
      await reaction
      world.discord.expireTokens()
      expect(await world.answer(incoming, says('Later'), { edit: ref })).toEqual({ kind: 'message-gone' })
    })

    it('carries a chart and a log', async () => {
      const reaction = ada.command('usage', {}, guild)
      const chart = { kind: 'daily-usage', days: [], allowanceMicros: 1, language: 'en' } as const
      await world.answerOk(await world.arrived(), says('A chart', { image: { chart, alt: 'none' } }))
      expect(await reaction).toMatchObject({ kind: 'message' })
      expect(inGuild()[0]?.picture).not.toBeNull()
      await ada.command('logs', {}, guild)
      const file = { name: 'ins_1 2026.log', mime: 'text/plain', content: 'line 1\n' }
      await world.answerOk(await world.arrived(2), says('A log', { file }), { onlyFor: ada.id })
      expect(inGuild()[1]).toMatchObject({ file: { name: 'ins_1-2026.log', content: 'line 1\n' }, ephemeral: true })
    })

    it('has its argument in one order, whichever way its fields were filled in', async () => {
      void ada.command('model', { text: 'gpt', assistant: 'Scout' }, guild).catch(() => {})
      expect((await world.arrived()).content).toEqual({ kind: 'command', name: 'model', argument: 'Scout gpt' })
      await world.answerOk(await world.arrived(), says('Done'))
    })
  })

  describe('that is a press', () => {
    it('changes its message at once when the core is quick', async () => {
      const ref = await shown(says('Which?', { rows: [[button('Blue', 'tok:blue')]] }))
      const reaction = ada.presses('Blue', { guild })
      const incoming = await world.arrived(2)
      expect(incoming.content).toEqual({ kind: 'press', token: 'tok:blue', messageRef: ref })
      await world.platform.acknowledge(incoming)
      expect(await world.answerOk(incoming, says('Blue it is'), { edit: ref })).toBe(ref)
      expect(await reaction).toMatchObject({ kind: 'update' })
      expect(inGuild()).toMatchObject([{ text: 'Blue it is', buttons: [] }])
    })

    it('is acknowledged in silence when the core is slow, and changes its message later', async () => {
      const ref = await shown(says('Which?', { rows: [[button('Blue', 'tok:blue')]] }))
      const { kind, ackMs } = await ada.presses('Blue', { guild })
      expect(kind).toBe('deferred-update')
      expect(ackMs).toBeLessThan(WELL_WITHIN_MS)
      await world.answerOk(await world.arrived(2), says('Blue it is'), { edit: ref })
      expect(inGuild()).toMatchObject([{ text: 'Blue it is' }])
    })

    it('shows a short note to who pressed, and only to them', async () => {
      await shown(says('Which?', { rows: [[button('Blue', 'tok:blue')]] }))
      const carl = world.discord.person({ name: 'Carl' })
      const reaction = carl.presses('Blue', { guild })
      await world.platform.acknowledge(await world.arrived(2), 'This button belongs to *somebody* else.')
      expect(await reaction).toMatchObject({ kind: 'message', ephemeral: true })
      expect(carl.in(guild).messages().at(-1)).toMatchObject({ text: 'This button belongs to *somebody* else.', ephemeral: true })
      expect(inGuild()).toHaveLength(1)
    })

    it('changes its message and shows a note beside it', async () => {
      const ref = await shown(says('Which?', { rows: [[button('Blue', 'tok:blue')]] }))
      const reaction = ada.presses('Blue', { guild })
      const incoming = await world.arrived(2)
      // The router says the note an instant before the message is sent.
      await world.platform.acknowledge(incoming, 'That was already pressed.')
      await world.answerOk(incoming, says('As it stands'), { edit: ref })
      expect(await reaction).toMatchObject({ kind: 'update' })
      await world.discord.until(() => inGuild().length === 2, 'the note')
      expect(inGuild().map(({ text, ephemeral }) => [text, ephemeral])).toEqual([
        ['As it stands', false],
        ['That was already pressed.', true],
      ])
    })

    it('that the core has nothing to say to stops waiting', async () => {
      await shown(says('Which?', { rows: [[button('Blue', 'tok:blue')]] }))
      const reaction = ada.presses('Blue', { guild })
      await world.platform.acknowledge(await world.arrived(2))
      const { kind, ackMs } = await reaction
      expect(kind).toBe('deferred-update')
      expect(ackMs).toBeLessThan(HELD_MS)
    })

    it('answered by a new message leaves its own as it is', async () => {
      await shown(says('Menu', { rows: [[button('Status', 'tok:s')]] }))
      const reaction = ada.presses('Status', { guild })
      await world.answerOk(await world.arrived(2), says('Running'))
      expect(await reaction).toMatchObject({ kind: 'message' })
      expect(inGuild().map(({ text }) => text)).toEqual(['Menu', 'Running'])
    })

    it('on a message that only one person sees changes that one, over and over', async () => {
      const reaction = ada.command('usage', {}, guild)
      const rows = [[button('More', 'tok:more')]]
      await world.answerOk(await world.arrived(), says('Page 1', { rows }), { onlyFor: ada.id })
      await reaction
      for (const page of [2, 3]) {
        const pressed = ada.presses('More', { guild })
        const incoming = await world.arrived(page)
        const { content } = incoming
        const edit = 'messageRef' in content ? (content.messageRef ?? '') : ''
        // Once in time, once too late for the answer itself.
        if (page === 3) await pressed
        await world.answerOk(incoming, says(`Page ${page}`, { rows }), { edit, onlyFor: ada.id })
        expect(await pressed).toMatchObject({ kind: page === 3 ? 'deferred-update' : 'update', ephemeral: true })
        expect(inGuild()).toMatchObject([{ text: `Page ${page}`, ephemeral: true }])
      }
    })

    it('on a message that was deleted meanwhile is answered anew', async () => {
      const ref = await shown(says('Which?', { rows: [[button('Blue', 'tok:blue')]] }))
      const reaction = ada.presses('Blue', { guild })
      const incoming = await world.arrived(2)
      ada.deletes(ref)
      const gone = await world.answer(incoming, says('Blue it is'), { edit: ref })
      if (over === 'gateway') {
        expect(gone).toEqual({ kind: 'message-gone' })
        await world.answerOk(incoming, says('Blue it is'))
        expect(await reaction).toMatchObject({ kind: 'message' })
        expect(inGuild().map(({ text }) => text)).toEqual(['Blue it is'])
      } else {
        // An HTTP response is not refused to us: Discord tells only the person.
        allowed = /press of "Blue"/
        await reaction
      }
    })

    it('chooses an option of a list', async () => {
      const select = {
        name: 'model',
        label: 'Models',
        options: [
          { label: 'Sonnet', token: 'tok:1', selected: true },
          { label: 'GPT', note: 'quick', token: 'tok:2', selected: false },
        ],
      }
      const ref = await shown(says('Choose', { selects: [select] }))
      expect(inGuild()[0]?.selects[0]).toMatchObject({ placeholder: 'Models', label: 'Models' })
      const reaction = ada.selects('GPT', { guild })
      const incoming = await world.arrived(2)
      expect(incoming.content).toEqual({ kind: 'press', token: 'tok:2', messageRef: ref })
      await world.answerOk(incoming, says('GPT it is'), { edit: ref })
      expect(await reaction).toMatchObject({ kind: 'update' })
    })
  })

  describe('that opens a form', () => {
    it('shows it at once without asking the core, and hands over what was filled in', async () => {
      const ref = await shown(says('Name it', { form }))
      world.onIncoming(() => new Promise(() => {}))
      const { kind, ackMs } = await ada.presses('✏️ Take this name', { guild })
      expect(kind).toBe('modal')
      expect(ackMs).toBeLessThan(WELL_WITHIN_MS)
      expect(ada.modal).toMatchObject({
        title: 'Take this name',
        inputs: [
          { label: 'Name *of* it', description: 'short', kind: 'short', maxLength: 32, required: true },
          { label: 'Key', kind: 'paragraph', maxLength: 400 },
        ],
      })
      world.onIncoming(async () => {})
      const reaction = ada.submits({ 'Name *of* it': 'Scout', Key: 'sk-1' })
      const incoming = await world.arrived(2)
      expect(incoming.content).toEqual({
        kind: 'form',
        token: 'tok:form',
        values: { name: 'Scout', key: 'sk-1' },
        messageRef: ref,
      })
      await world.answerOk(incoming, says('A plan for Scout'), { edit: ref })
      expect(await reaction).toMatchObject({ kind: 'update' })
      expect(inGuild()).toMatchObject([{ text: 'A plan for Scout' }])
    })

    it('works after a restart, and in another process', async () => {
      await shown(says('Name it', { form }))
      await world.platform.stop()
      const next = await world.start()
      expect(await ada.presses('✏️ Take this name', { guild })).toMatchObject({ kind: 'modal' })
      expect(ada.modal?.inputs.map(({ label, customId }) => [label, customId])).toEqual([
        ['Name *of* it', 'name'],
        ['Key', 'key'],
      ])
      const reaction = ada.submits({ name: 'Luna', key: 'sk-2' })
      await world.answerOk(await world.arrived(2), says('Luna'), {}, next)
      expect(await reaction).toMatchObject({ kind: 'message' })
    })
  })

  describe('that is typing', () => {
    it('offers what the core suggests, within Discord’s limits', async () => {
      world.onSuggest(async ({ command, option, typed, chat, sender }) => [
        { label: `${command} ${option} ${typed} ${chat.kind} ${sender.groupRole}`, value: 'a' },
        { label: 'L'.repeat(200), value: 'b' },
        { label: 'too long a value', value: 'v'.repeat(101) },
        ...Array.from({ length: 40 }, (_, n) => ({ label: `${n}`, value: `${n}` })),
      ])
      const choices = await ada.autocomplete('model', 'text', 'cla', guild)
      expect(choices[0]).toEqual({ name: 'model text cla group member', value: 'a' })
      expect(choices[1]?.name).toHaveLength(100)
      expect(choices).toHaveLength(25)
      expect(choices.some(({ name }) => name === 'too long a value')).toBe(false)
    })

    it('offers nothing rather than too late', async () => {
      world.onSuggest(() => new Promise(() => {}))
      expect(await ada.autocomplete('model', 'assistant', 's')).toEqual([])
    })
  })

  describe('that another process goes on with', () => {
    it('gets the answer in the place that was kept for it', async () => {
      await ada.command('logs', {}, guild)
      const incoming = await world.arrived()
      const other = await world.start()
      const ref = await world.answerOk(incoming, says('From the other one'), { onlyFor: ada.id }, other)
      expect(inGuild()).toMatchObject([{ text: 'From the other one', ephemeral: true, deferred: false }])
      await world.answerOk(incoming, says('Changed by it'), { edit: ref }, other)
      expect(inGuild()).toMatchObject([{ text: 'Changed by it' }])
    })

    it('never overwrites what the first one had said', async () => {
      const reaction = ada.command('usage', {}, guild)
      const incoming = await world.arrived()
      await world.answerOk(incoming, says('part 1'))
      await reaction
      const other = await world.start()
      await world.answerOk(incoming, says('part 2'), {}, other)
      expect(inGuild().map(({ text }) => text)).toEqual(['part 1', 'part 2'])
    })

    it('is kept open by a process that stops', async () => {
      const reaction = ada.command('usage', {}, guild)
      const incoming = await world.arrived()
      await wait(100)
      await world.platform.stop()
      expect(await reaction).toMatchObject({ kind: 'deferred' })
      const other = await world.start()
      await world.answerOk(incoming, says('Here'), {}, other)
      expect(inGuild()).toMatchObject([{ text: 'Here' }])
    })
  })
})
