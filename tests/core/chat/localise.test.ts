import { expect, it } from 'vitest'
import { localise } from '../../../core/chat/localise.ts'
import type { Text, View } from '../../../core/chat/view.ts'
import { createLocaliser } from '../../../core/i18n/index.ts'

const en = 'word = Word'
const zh = 'word = 词'
const localiser = createLocaliser({ sources: { en, zh } })
const word: Text = { id: 'word' }
const press = { action: 'go' }

const view: View = {
  id: 'all',
  tone: 'info',
  visibility: 'everyone',
  blocks: [
    { kind: 'title', text: word },
    { kind: 'divider' },
    { kind: 'fields', items: [{ label: word, value: { literal: 'שלום' } }] },
    { kind: 'bar', share: 0.5, caption: word },
    { kind: 'progress', steps: [{ label: word, state: 'done', seconds: 3 }] },
    { kind: 'image', chart: { kind: 'daily-usage', days: [], allowanceMicros: 1, language: 'zh' }, alt: word },
    { kind: 'file', name: 'a', mime: 'text/plain', content: 'c', caption: word },
    { kind: 'file', name: 'a', mime: 'text/plain', content: 'c' },
    { kind: 'link', label: word, url: 'https://example.org/' },
    {
      kind: 'buttons',
      buttons: [
        { label: word, press, style: 'danger' },
        { label: word, url: 'https://example.org/' },
      ],
    },
    {
      kind: 'choice',
      name: 'c',
      label: word,
      options: [
        { label: word, note: word, press, selected: true },
        { label: word, press },
      ],
    },
    {
      kind: 'form',
      name: 'f',
      submitLabel: word,
      press,
      fields: [{ name: 'x', label: word, hint: word, maxLength: 5, secret: true }],
    },
  ],
}

it('every text of a view is said in the reader’s language, and nothing else of it changes', () => {
  const local = localise(view, localiser, 'zh')
  const said = (value: unknown): unknown => {
    if (value === word) return '词'
    if (Array.isArray(value)) return value.map(said)
    if (typeof value !== 'object' || value === null) return value
    if ('literal' in value) return `\u2068${value.literal}\u2069`
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, said(inner)]))
  }
  expect(local).toEqual(said(view))
})

it('presses stay the same objects, because tokens are found by them', () => {
  const buttons = localise(view, localiser, 'en').blocks.find((block) => block.kind === 'buttons')
  const [first] = buttons?.buttons ?? []
  expect(first && 'press' in first && first.press === press).toBe(true)
})
