import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutText, splitText } from '../../../core/chat/cut.ts'
import { measure } from '../../../core/chat/measure.ts'
import { trickyText } from '../../support/arbitrary-views.ts'

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })
const unit = fc.constantFrom('utf16' as const, 'bytes' as const)

describe('a divided text', () => {
  it('has pieces within the limit that make up the whole, whatever the limit', () => {
    fc.assert(
      fc.property(trickyText(60), fc.integer({ min: 4, max: 200 }), unit, (text, max, unit) => {
        const pieces = splitText(text, max, unit)
        for (const piece of pieces) expect(measure(piece, unit)).toBeLessThanOrEqual(max)
        expect(pieces.join('').replace(/\s/gu, '')).toBe(text.replace(/\s/gu, ''))
        let from = 0
        for (const piece of pieces) {
          const at = text.indexOf(piece, from)
          expect(text.slice(from, at)).toMatch(/^[\n ]*$/)
          from = at + piece.length
        }
      }),
    )
  })

  it('is never divided inside an emoji, a flag or an accented letter', () => {
    fc.assert(
      fc.property(trickyText(60), fc.integer({ min: 80, max: 200 }), unit, (text, max, unit) => {
        const boundaries = new Set([...segmenter.segment(text)].map((part) => part.index)).add(text.length)
        let from = 0
        for (const piece of splitText(text, max, unit)) {
          const at = text.indexOf(piece, from)
          from = at + piece.length
          expect(boundaries.has(at) || text[at - 1] === '\n' || text[at - 1] === ' ').toBe(true)
          expect(boundaries.has(from) || text[from] === '\n' || text[from] === ' ').toBe(true)
        }
      }),
    )
  })

  it('divides a letter with thousands of accents rather than standing still', () => {
    const pieces = splitText(`a${'\u0301'.repeat(5000)}`, 100, 'utf16')
    expect(pieces.join('')).toHaveLength(5001)
  })

  it('takes linear time for a megabyte on one line', () => {
    // Anything quadratic takes minutes and meets the test's own deadline.
    expect(splitText('🙂字x'.repeat(250_000), 4000, 'bytes').join('')).toHaveLength(1_000_000)
  })
})

it('a cut text ends with … and is within the limit', () => {
  fc.assert(
    fc.property(trickyText(20), fc.integer({ min: 3, max: 60 }), unit, (text, max, unit) => {
      const cut = cutText(text, max, unit)
      expect(measure(cut, unit)).toBeLessThanOrEqual(max)
      if (cut !== text) expect(cut.endsWith('…')).toBe(true)
    }),
  )
})
