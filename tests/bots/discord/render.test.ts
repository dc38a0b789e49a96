import { ButtonStyle, ComponentType } from 'discord-api-types/v10'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { discordCapabilities } from '../../../bots/discord/capabilities.ts'
import { asIs, asTyped } from '../../../bots/discord/escape.ts'
import { formOf, formSection, modalOf } from '../../../bots/discord/form.ts'
import { render } from '../../../bots/discord/render.ts'
import { type FittedForm, type FittedMessage, fit as fitView } from '../../../core/chat/fit.ts'
import { localise } from '../../../core/chat/localise.ts'
import { plainText } from '../../../core/chat/measure.ts'
import { tokensOf } from '../../../core/chat/screen.ts'
import type { LocalView, Tone } from '../../../core/chat/view.ts'
import { fitWords } from '../../../core/chat/words.ts'
import { createLocaliser } from '../../../core/i18n/index.ts'
import { MARKUP } from '../../contracts/platform-samples.ts'
import { anyView } from '../../support/arbitrary-views.ts'
import { Component, walk } from '../../support/discord/components.ts'
import { look } from '../../support/discord/look.ts'
import { messageErrors } from '../../support/discord/message-rules.ts'
import { Modal, modalErrors } from '../../support/discord/modal-rules.ts'
import { discordSchema } from '../../support/discord/schema.ts'
import { allScreens } from '../../support/screens.ts'

const V2 = 32_768
const localiser = createLocaliser()
/** Everybody and everything exists, so that a mention would show. */
const names = { user: () => 'USER', role: () => 'ROLE', channel: () => 'CHANNEL' }

const attachedTo = ({ image, file }: Partial<FittedMessage>) => ({
  ...(image && { picture: 'chart.png' }),
  ...(file && { file: 'log.txt' }),
})
function draw(message: Partial<FittedMessage>, tone: Tone = 'info') {
  const drawn = render({ tone, message: { blocks: [], rows: [], selects: [], ...message } }, attachedTo(message))
  if (!drawn) throw new Error('not drawn')
  return drawn
}
const partsOf = (container: unknown) => [...walk([Component.parse(container)])].map(({ component }) => component)
const words = (container: unknown) =>
  partsOf(container)
    .filter(({ type }) => type === ComponentType.TextDisplay)
    .map(({ content = '' }) => look(content, names))
    .join('\n')

/** What Discord would say against a message. */
function against(container: unknown, message: Partial<FittedMessage>): readonly unknown[] {
  const fileNames = Object.values(attachedTo(message))
  const components = [Component.parse(container)]
  return [
    ...messageErrors({ content: '', embeds: [], components, flags: V2, fileNames }),
    ...discordSchema().request('POST /channels/{channel_id}/messages', { components: [container], flags: V2 }),
    ...discordSchema().unknownFields('POST /channels/{channel_id}/messages', { components: [container], flags: V2 }),
  ]
}

const messagesOf = (view: LocalView) =>
  fitView(view, discordCapabilities, tokensOf(view, '0000000000'), fitWords(localiser, 'en'), 'group')

describe('words in Discord', () => {
  const pieces = [
    ...['*', '**', '_', '__', '~~', '`', '```', '|', '||', '\\', '[', ']', '(', ')', '<', '>', '>>> ', '#', '# ', '### ', '-# '],
    ...[
      '- ',
      '+ ',
      '1. ',
      ':',
      ':smile:',
      '@',
      '@everyone',
      '@here',
      '<@123>',
      '<@&123>',
      '<#123>',
      '<:a:1>',
      '<t:1:R>',
      '</x:1>',
    ],
    ...[
      '\n',
      ' ',
      'a',
      'word',
      'https://x.example/a_b_c*d*',
      'http://',
      'https://*',
      'snake_case_name',
      '中文',
      '👩‍🚀',
      '.',
      '0',
    ],
  ]
  const tricky = fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((parts) => parts.join(''))

  it('look as they were written, whatever a person or a model wrote', () => {
    fc.assert(
      fc.property(tricky, (text) => {
        expect(look(asIs(text), names)).toBe(text)
      }),
      { numRuns: 3000 },
    )
  })

  it('are at most twice as long, and come back as they were', () => {
    fc.assert(
      fc.property(fc.oneof(tricky, fc.string()), (text) => {
        expect(asIs(text).length).toBeLessThanOrEqual(text.length * 2)
        if (!/https?:/.test(text)) expect(asTyped(asIs(text))).toBe(text)
      }),
      { numRuns: 2000 },
    )
  })

  it('leave an address that can be followed', () => {
    expect(asIs('see https://a.example/x_y_z?q=*1* (_now_)')).toBe('see https://a.example/x_y_z?q=*1* (\\_now\\_)')
  })
})

describe('a message drawn for Discord', () => {
  it('tells its tone by the colour of its edge and by a sign', () => {
    const title = { kind: 'title', text: 'Ready' } as const
    const note = { kind: 'note', text: 'Mind this' } as const
    expect(draw({ blocks: [title] })).toEqual({
      type: ComponentType.Container,
      components: [{ type: ComponentType.TextDisplay, content: '### Ready' }],
    })
    expect(draw({ blocks: [title] }, 'success')).toMatchObject({
      accent_color: 0x57f287,
      components: [{ content: '### ✅ Ready' }],
    })
    expect(draw({ blocks: [note] }, 'warning')).toMatchObject({
      accent_color: 0xfee75c,
      components: [{ content: '⚠️ Mind this' }],
    })
    expect(draw({ blocks: [title] }, 'danger')).toMatchObject({ accent_color: 0xed4245 })
  })

  it('prints small what stands beside something, and never what is all there is or goes wrong', () => {
    const blocks = [
      { kind: 'text', text: 'Some words' },
      { kind: 'note', text: 'one\n\ntwo' },
    ] as const
    expect(draw({ blocks }).components).toMatchObject([{ content: 'Some words\n\n-# one\n\n-# two' }])
    expect(draw({ blocks: [blocks[1]] }).components).toMatchObject([{ content: 'one\n\ntwo' }])
    expect(draw({ blocks }, 'danger').components).toMatchObject([{ content: '⛔ Some words\n\none\n\ntwo' }])
  })

  it('has a line across for a divider as long as there is room for components', () => {
    const blocks = Array.from({ length: 6 }, (_, n) => [
      { kind: 'text', text: `${n}` } as const,
      { kind: 'divider' } as const,
    ]).flat()
    const kinds = draw({ blocks }).components.map(({ type }) => type)
    expect(kinds.filter((type) => type === ComponentType.Separator)).toHaveLength(3)
    expect(words(draw({ blocks }))).toContain('──────────')
  })

  it('shows code in a box unless the code itself would end it', () => {
    expect(draw({ blocks: [{ kind: 'code', text: 'a *b*' }] }).components).toMatchObject([{ content: '```\na *b*\n```' }])
    const fence = 'x ```y``` z'
    expect(words(draw({ blocks: [{ kind: 'code', text: fence }] }))).toBe(fence)
  })

  it('puts an address on a button if Discord takes it there, and among the words if not', () => {
    const long = `https://pay.example.com/${'x'.repeat(600)}`
    const { components } = draw({
      blocks: [{ kind: 'text', text: 'Pay' }],
      rows: [
        [
          { label: 'Pay', style: 'primary', url: 'https://pay.example.com/1' },
          { label: 'Long', style: 'primary', url: long },
        ],
      ],
    })
    expect(partsOf({ type: 17, components }).flatMap(({ url, style }) => (url ? [[url, style]] : []))).toEqual([
      ['https://pay.example.com/1', 5],
    ])
    expect(words({ type: 17, components })).toContain(`Long: ${long}`)
  })

  it('says in words what the picture shows that could not be drawn', () => {
    const image = { chart: { kind: 'daily-usage', days: [], allowanceMicros: 1, language: 'en' }, alt: '$2 in 30 days' } as const
    const drawn = render({ tone: 'info', message: { blocks: [], rows: [], selects: [], image } }, {})
    expect(words(drawn)).toBe('$2 in 30 days')
  })

  it('gives up formatting before it gives up words', () => {
    // Small print costs three characters a line, so that many short lines grow more than anything.
    const text = Array.from({ length: 900 }, (_, n) => `*${n % 10}`)
      .join('\n')
      .slice(0, 1900)
    const blocks = [{ kind: 'text', text: 'A' } as const, { kind: 'note', text } as const]
    const drawn = draw({ blocks })
    expect(words(drawn)).toBe(`A\n\n${text}`)
    expect(against(drawn, { blocks })).toEqual([])
  })

  it('is every screen of ours, in both languages, within all of Discord’s rules and with all its words', async () => {
    for (const { name, view } of await allScreens()) {
      for (const language of localiser.languages) {
        const local = localise(view, localiser, language)
        for (const message of messagesOf(local)) {
          const drawn = draw(message, view.tone)
          expect([name, against(drawn, message)]).toEqual([name, []])
          for (const block of message.blocks.filter(({ kind }) => kind !== 'divider')) {
            for (const line of plainText(block).split('\n')) expect(words(drawn)).toContain(line.trim())
          }
        }
      }
    }
  })

  it('is within all of Discord’s rules whatever a view holds', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        for (const message of messagesOf(view)) expect(against(draw(message, view.tone), message)).toEqual([])
      }),
      { numRuns: 300 },
    )
  })
})

describe('a list in Discord', () => {
  it('shows its question until something is chosen, and marks what is chosen already', () => {
    const options = [
      { label: 'Sonnet', token: 'a', selected: false },
      { label: 'x'.repeat(100), token: 'b', selected: true },
    ]
    const message = { blocks: [], rows: [], selects: [{ name: 'model', label: 'Change to', options }] }
    const drawn = JSON.stringify(render({ tone: 'info', message }, {}))
    expect(drawn).toContain('"placeholder":"Change to"')
    expect(drawn).not.toContain('"default"')
    expect(drawn).toContain(`"label":"✓ ${'x'.repeat(97)}…"`)
    expect(drawn).toContain('"label":"Sonnet"')
  })
})

describe('a form in Discord', () => {
  const field = (name: string, label: string, more: Partial<FittedForm['fields'][number]> = {}) => ({
    name,
    label,
    maxLength: 80,
    secret: false,
    ...more,
  })
  const form = (...fields: FittedForm['fields']): FittedForm => ({
    name: 'x',
    token: '4hTq8Zk1Wn00',
    submitLabel: 'Take this name',
    fields,
  })
  const readBack = (written: FittedForm) => {
    const section = formSection(written)
    const button = section?.accessory
    if (!section || button?.type !== ComponentType.Button || !('custom_id' in button)) throw new Error('no section')
    // As it comes with a press: inside its container, with what Discord adds.
    return formOf(button.custom_id, [{ type: ComponentType.Container, id: 1, components: [{ ...section, id: 2 }] }])
  }

  it('looks like what it does: one that can’t be undone has a red button', () => {
    const written = form(field('typed', 'Type Scout to confirm'))
    expect(formSection(written)?.accessory).toMatchObject({ style: ButtonStyle.Primary })
    expect(formSection({ ...written, danger: true })?.accessory).toMatchObject({ style: ButtonStyle.Danger })
  })

  it('is read back whole from the message it stands in', () => {
    const label = fc.constantFrom('Name', `Type ${MARKUP} to confirm`, '名称', 'Any *other*\nmodel', '- # 1. x', '\\')
    const fields = fc.array(
      fc.record({ label, hint: fc.option(label, { nil: undefined }), maxLength: fc.integer({ min: 1, max: 4000 }) }),
      {
        minLength: 1,
        maxLength: 5,
      },
    )
    fc.assert(
      fc.property(fields, (drawn) => {
        const written = form(
          ...drawn.map(({ hint, ...one }, n) => ({ ...field(`f${n}`, ''), ...one, ...(hint !== undefined && { hint }) })),
        )
        const oneLine = (text: string) => text.replace(/\s+/g, ' ').slice(0, 200)
        expect(readBack(written)).toEqual({
          token: '4hTq8Zk1Wn00',
          submitLabel: 'Take this name',
          fields: drawn.map(({ label: shown, hint, maxLength }, n) => ({
            name: `f${n}`,
            label: oneLine(shown),
            maxLength,
            ...(hint !== undefined && { hint: oneLine(hint) }),
          })),
        })
      }),
      { numRuns: 300 },
    )
  })

  it('opens a modal within Discord’s limits', () => {
    const long = 'A question that is so long that no label of Discord’s could hold all of it, 你好 '
    const written = form(
      ...Array.from({ length: 5 }, (_, n) => field(`field${n}`, long, { hint: long.repeat(2), maxLength: 9999 })),
    )
    const read = readBack(written)
    if (!read) throw new Error('no form')
    const modal = Modal.parse(modalOf(read))
    expect(modalErrors(modal)).toEqual([])
    const operation = 'POST /interactions/{interaction_id}/{interaction_token}/callback'
    expect(discordSchema().request(operation, { type: 9, data: modal })).toEqual([])
    expect(modal.components).toHaveLength(5)
  })

  it('that has no room on its button is refused and not shortened', () => {
    const written = form(...Array.from({ length: 5 }, (_, n) => field(`a-very-long-name-of-a-field-${n}`, 'L')))
    expect(formSection(written)).toBeNull()
    expect(render({ tone: 'info', message: { blocks: [], rows: [], selects: [], form: written } }, {})).toBeNull()
  })

  it('is none of ours with a custom id of another kind', () => {
    for (const id of ['f:', 'f:abc', 'f:abc:name', 'f:abc:name.x', 'b:abc', '']) expect(formOf(id, [])).toBeNull()
  })
})
