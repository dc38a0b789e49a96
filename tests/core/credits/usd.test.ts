import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { microsFromUsd, usdFromMicros } from '../../../core/credits/usd.ts'

const BILLION_USD = 1_000_000_000_000_000

describe('micro-dollars', () => {
  it('come back unchanged from USD and from its JSON', () => {
    fc.assert(
      fc.property(fc.integer({ min: -BILLION_USD, max: BILLION_USD }), (micros) => {
        expect(microsFromUsd(usdFromMicros(micros))).toBe(micros)
        expect(microsFromUsd(JSON.parse(JSON.stringify(usdFromMicros(micros))))).toBe(micros)
      }),
    )
  })

  it('print with at most six decimals', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: BILLION_USD }), (micros) => {
        expect(JSON.stringify(usdFromMicros(micros))).toMatch(/^\d+(\.\d{1,6})?$|^\d(\.\d+)?e-[1-6]$/)
      }),
    )
  })

  it('are the nearest ones to any amount', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (usd) => {
        expect(Math.abs(microsFromUsd(usd) / 1e6 - usd)).toBeLessThanOrEqual(0.500001e-6)
      }),
    )
    expect(microsFromUsd(0.1 + 0.2)).toBe(300_000)
  })

  it('are never made of what is no amount', () => {
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, 1e300]) expect(() => microsFromUsd(wrong)).toThrow(RangeError)
    expect(() => usdFromMicros(0.5)).toThrow(RangeError)
  })
})
