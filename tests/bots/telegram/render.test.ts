import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { render } from '../../../bots/telegram/render.ts'
import type { FittedBlock, FittedMessage } from '../../../core/chat/fit.ts'
import { blockSize, TONE_ROOM } from '../../../core/chat/measure.ts'

const draw = (message: Partial<FittedMessage>, tone: 'info' | 'success' | 'warning' | 'danger' = 'info') =>
  render({ tone, message: { blocks: [], rows: [], selects: [], ...message } })
const words = (text: string, { offset, length }: { offset: number; length: number }) => text.slice(offset, offset + length)

describe('a message drawn for Telegram', () => {
  it('puts the tone in front and formats by place, never by markup', () => {
    const { text, entities } = draw(
      {
        blocks: [
          { kind: 'title', text: 'Deploying <b>Ada’s</b> 👩‍🚀 bot' },
          { kind: 'fields', items: [{ label: 'Plan', value: '*Pro*' }] },
          { kind: 'code', text: 'a && b' },
        ],
      },
      'warning',
    )
    expect(text).toBe('⚠️ Deploying <b>Ada’s</b> 👩‍🚀 bot\nPlan: *Pro*\n\na && b')
    expect(entities.map((entity) => [entity.type, words(text, entity)])).toEqual([
      ['bold', 'Deploying <b>Ada’s</b> 👩‍🚀 bot'],
      ['bold', 'Plan:'],
      ['pre', 'a && b'],
    ])
  })

  it('writes a Chinese label with the colon of its script', () => {
    const { text, entities } = draw({ blocks: [{ kind: 'fields', items: [{ label: '套餐', value: 'Pro' }] }] })
    expect(text).toBe('套餐：Pro')
    expect(entities.map((entity) => words(text, entity))).toEqual(['套餐：'])
  })

  it('shows steps with their mark and time, and the running one in bold', () => {
    const steps = [
      { label: 'Reserve', state: 'done', seconds: 2.4 },
      { label: 'Start', state: 'running' },
      { label: 'Check', state: 'waiting' },
    ] as const
    const { text, entities } = draw({ blocks: [{ kind: 'progress', steps }] })
    expect(text).toBe('✅ Reserve · 2 s\n⏳ Start\n▫️ Check')
    expect(entities.map((entity) => words(text, entity))).toEqual(['Start'])
  })

  it('shows a share as twelve cells with its words', () => {
    expect(draw({ blocks: [{ kind: 'bar', share: 0.5, caption: '$4 of $8' }] }).text).toBe('▰▰▰▰▰▰▱▱▱▱▱▱ $4 of $8')
  })

  it('colours only what should be pressed first or with care', () => {
    const { keyboard } = draw({
      rows: [
        [
          { label: 'Pay', style: 'primary', token: 'a' },
          { label: 'Destroy', style: 'danger', token: 'b' },
        ],
        [
          { label: 'Back', style: 'quiet', token: 'c' },
          { label: 'More', style: 'default', token: 'd' },
        ],
      ],
    })
    expect(keyboard.flat().map((button) => button.style)).toEqual(['primary', 'danger', undefined, undefined])
  })

  it('writes a link into the text that Telegram would not take as a button', () => {
    const { text, keyboard } = draw({
      blocks: [{ kind: 'text', text: 'Pay here' }],
      rows: [
        [{ label: 'Pay', style: 'primary', url: 'http://localhost:8787/pay' }],
        [{ label: 'Help', style: 'quiet', url: 'http://127.0.0.1:8787/' }],
      ],
    })
    expect(text).toBe('Pay here\n\nPay: http://localhost:8787/pay')
    expect(keyboard).toEqual([[{ text: 'Help', url: 'http://127.0.0.1:8787/' }]])
  })

  it('is never longer than what `fit` measured, and its formatting never leaves the text', () => {
    const string = fc.string({ unit: 'grapheme', maxLength: 60 })
    const block: fc.Arbitrary<FittedBlock> = fc.oneof(
      fc.record({ kind: fc.constantFrom('title' as const, 'text' as const, 'note' as const, 'code' as const), text: string }),
      fc.record({ kind: fc.constant('bar' as const), share: fc.double(), caption: string }),
      fc.record({
        kind: fc.constant('fields' as const),
        items: fc.array(fc.record({ label: string, value: string }), { maxLength: 5 }),
      }),
      fc.record({
        kind: fc.constant('progress' as const),
        steps: fc.array(
          fc.record({
            label: string,
            state: fc.constantFrom('waiting' as const, 'running' as const, 'done' as const, 'failed' as const, 'undone' as const),
            seconds: fc.nat(9999),
          }),
          { maxLength: 5 },
        ),
      }),
    )
    fc.assert(
      fc.property(fc.array(block, { maxLength: 6 }), fc.constantFrom('info' as const, 'danger' as const), (blocks, tone) => {
        const { text, entities } = draw({ blocks }, tone)
        expect(text.length).toBeLessThanOrEqual(blocks.reduce((sum, one) => sum + blockSize(one, 'utf16'), TONE_ROOM))
        for (const { offset, length } of entities) expect(length > 0 && offset + length <= text.length).toBe(true)
      }),
    )
  })
})
