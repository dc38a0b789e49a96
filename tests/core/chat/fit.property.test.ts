import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Capabilities } from '../../../core/chat/capabilities.ts'
import { type FittedMessage, fit as fitView, plainFallback } from '../../../core/chat/fit.ts'
import { isVisible, measure, plainText } from '../../../core/chat/measure.ts'
import { pressesOf, tokensOf } from '../../../core/chat/screen.ts'
import type { LocalView } from '../../../core/chat/view.ts'
import { fitWords } from '../../../core/chat/words.ts'
import { createLocaliser } from '../../../core/i18n/index.ts'
import { anyCapabilities, anyView } from '../../support/arbitrary-views.ts'

const words = fitWords(createLocaliser(), 'en')
const SCREEN = 'abcdefghij'

const draw = (view: LocalView, capabilities: Capabilities, chatKind: 'private' | 'group' = 'private') =>
  fitView(view, capabilities, tokensOf(view, SCREEN), words, chatKind)

const squeeze = (text: string) => text.replace(/\s/gu, '')
const bodyOf = (message: FittedMessage) => message.blocks.map(plainText).join('\n\n')

const tokensIn = (messages: readonly FittedMessage[]) =>
  messages.flatMap((message) => [
    ...message.rows.flat().flatMap((button) => ('token' in button ? [button.token] : [])),
    ...message.selects.flatMap((select) => select.options.map((option) => option.token)),
    ...(message.form ? [message.form.token] : []),
    ...Object.values(message.numbered ?? {}),
    ...(message.typed ? [message.typed.token] : []),
  ])

/** Everything a person can read in the messages, in order, without white space; pictures and files stand apart from the text. */
const readable = (messages: readonly FittedMessage[]) =>
  squeeze([...messages.map(bodyOf), ...messages.flatMap(({ image, file }) => [image?.alt ?? '', file?.content ?? ''])].join(''))

function textsOf(view: LocalView): string[] {
  return view.blocks.flatMap((block): string[] => {
    switch (block.kind) {
      case 'title':
      case 'text':
      case 'note':
      case 'code':
        return [block.text]
      case 'fields':
        return block.items.flatMap((item) => [item.label, item.value])
      case 'bar':
        return [block.caption]
      case 'progress':
        return block.steps.map((step) => step.label)
      case 'image':
        return [block.alt]
      case 'file':
        return [block.caption ?? '']
      default:
        return []
    }
  })
}

const check = (property: fc.IRawProperty<[LocalView, Capabilities]>) => fc.assert(property, { numRuns: 300 })

describe('any view on any platform', () => {
  it('becomes messages that all respect every limit', () => {
    check(
      fc.property(anyView, anyCapabilities, (view, capabilities) => {
        const { text, buttons, select, form } = capabilities
        for (const message of draw(view, capabilities)) {
          const max = message.image || message.file ? text.captionMax : text.max
          if (message.blocks.length > 0) expect(measure(bodyOf(message), text.unit)).toBeLessThanOrEqual(max)
          expect(isVisible(bodyOf(message)) || message.image !== undefined || message.file !== undefined).toBe(true)
          expect(message.image && message.file).toBeUndefined()
          const controls = message.rows.length + message.selects.length + (message.form ? 1 : 0)
          expect(controls).toBeLessThanOrEqual(Math.max(1, buttons.rows))
          for (const row of message.rows) {
            expect(row.length).toBeGreaterThan(0)
            expect(row.length).toBeLessThanOrEqual(buttons.perRow)
            for (const button of row) {
              expect(measure(button.label, text.unit)).toBeLessThanOrEqual(buttons.labelMax)
              expect(isVisible(button.label)).toBe(true)
            }
          }
          for (const { options } of message.selects) expect(options.length).toBeLessThanOrEqual(select?.options ?? 0)
          if (message.form) expect(message.form.fields.length).toBeLessThanOrEqual(form?.fields ?? 0)
          if (message.image) expect(capabilities.image).toBe(true)
          if (message.file) expect(capabilities.file).toBe(true)
        }
      }),
    )
  })

  it('loses no text', () => {
    check(
      fc.property(anyView, anyCapabilities, (view, capabilities) => {
        const shown = readable(draw(view, capabilities))
        for (const text of textsOf(view)) if (isVisible(text)) expect(shown).toContain(squeeze(text))
      }),
    )
  })

  it('keeps every press exactly once, but for one form at a time where forms are asked in words', () => {
    check(
      fc.property(anyView, anyCapabilities, (view, capabilities) => {
        const tokens = tokensIn(draw(view, capabilities))
        expect(new Set(tokens).size).toBe(tokens.length)
        const forms = view.blocks.filter((block) => block.kind === 'form').length
        const missing = pressesOf(view).length - tokens.length
        expect(missing).toBeGreaterThanOrEqual(0)
        expect(missing).toBeLessThanOrEqual(Math.max(0, forms - 1))
      }),
    )
  })

  it('keeps the order of what it says', () => {
    check(
      fc.property(anyView, anyCapabilities, (view, capabilities) => {
        const numbered = {
          ...view,
          blocks: view.blocks.map((block, at) => (block.kind === 'text' ? { ...block, text: `@${at}@${block.text}` } : block)),
        }
        const shown = readable(draw(numbered, { ...capabilities, file: false }))
        const positions = numbered.blocks.flatMap((block, at) => (block.kind === 'text' ? [shown.indexOf(`@${at}@`)] : []))
        expect(positions).toEqual([...positions].sort((a, b) => a - b))
        expect(positions).not.toContain(-1)
      }),
    )
  })

  it('never cuts a surrogate pair', () => {
    check(
      fc.property(anyView, anyCapabilities, (view, capabilities) => {
        for (const message of draw(view, capabilities)) {
          for (const block of message.blocks) expect(plainText(block)).not.toMatch(/\p{Cs}/u)
          for (const button of message.rows.flat()) expect(button.label).not.toMatch(/\p{Cs}/u)
        }
      }),
    )
  })

  it('is drawn the same every time', () => {
    check(
      fc.property(anyView, anyCapabilities, (view, capabilities) => {
        expect(draw(view, capabilities)).toEqual(draw(view, capabilities))
      }),
    )
  })

  it('never asks for a secret in words in a group', () => {
    check(
      fc.property(anyView, anyCapabilities, (view, capabilities) => {
        for (const message of draw(view, capabilities, 'group')) {
          expect(message.typed?.fields.some((field) => field.secret) ?? false).toBe(false)
        }
      }),
    )
  })

  it('keeps its text and presses when it is refused and sent as plain text', () => {
    check(
      fc.property(anyView, anyCapabilities, (view, capabilities) => {
        for (const message of draw(view, capabilities)) {
          const plain = plainFallback(message)
          expect(plain.blocks.map((block) => block.kind)).toEqual(['text'])
          expect([...plain.rows, ...plain.selects]).toEqual([])
          const visible = squeeze(bodyOf(message)).replace(/\p{Cc}/gu, '')
          if (message.blocks.length > 0) expect(squeeze(bodyOf(plain))).toContain(visible)
          const secretForm = message.form?.fields.every((field) => field.secret) ? 1 : 0
          expect(tokensIn([plain])).toHaveLength(
            tokensIn([message]).length - secretForm - (message.form && !secretForm && message.typed ? 1 : 0),
          )
        }
      }),
    )
  })
})
