import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Resvg } from '@resvg/resvg-js'
import { build } from 'esbuild'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { assetPath } from '../../../core/assets.ts'
import type { Chart, DailyUsage } from '../../../core/chat/view.ts'
import { createDraw, wordsFor } from '../../../core/credits/draw-chart.ts'
import { usageChart } from '../../../core/credits/usage-chart.ts'
import { createLocaliser } from '../../../core/i18n/index.ts'

const localiser = createLocaliser()
const FIRST = Date.UTC(2026, 9, 24)
const days = (micros: (index: number) => number, count = 30): readonly DailyUsage[] =>
  Array.from({ length: count }, (_, index) => ({
    date: new Date(FIRST + (30 - count + index) * 86_400_000).toISOString().slice(0, 10),
    micros: micros(index),
  }))
const chart = (list: readonly DailyUsage[], more: Partial<Chart> = {}): Chart => ({
  kind: 'daily-usage',
  days: list,
  allowanceMicros: 8_000_000,
  language: 'en',
  ...more,
})
const svg = (one: Chart) => usageChart(one, wordsFor(one, localiser))
const texts = (source: string) => [...source.matchAll(/<text[^>]*>([^<]*)</g)].map((match) => match[1])
const bars = (source: string) => [...source.matchAll(/<path[^>]*fill="url\(#(bar|today)\)"/g)].map((match) => match[1])

describe('the usage chart', () => {
  it('has a bar for every day with use, today in its own colour, and labels a week apart', () => {
    const source = svg(chart(days((index) => (index + 1) * 10_000)))
    expect(bars(source)).toEqual([...Array(29).fill('bar'), 'today'])
    expect(texts(source)).toEqual(expect.arrayContaining(['25 Oct', '1 Nov', '8 Nov', '15 Nov', 'Today', '$0', '$0.10', '$0.30']))
    expect(texts(source)).toContain('$0.27 a day lasts all month')
  })

  it('speaks Chinese', () => {
    const shown = texts(
      svg(
        chart(
          days(() => 10_000),
          { language: 'zh-CN' },
        ),
      ),
    )
    expect(shown).toEqual(expect.arrayContaining(['10/25', '今天']))
  })

  it('says that nothing was used yet', () => {
    expect(texts(svg(chart(days(() => 0))))).toContain('Nothing used yet')
    expect(bars(svg(chart([])))).toEqual([])
    expect(texts(svg(chart(days(() => 1))))).not.toContain('Nothing used yet')
  })

  it('shows the smallest use, and names it honestly', () => {
    const source = svg(chart(days((index) => (index === 29 ? 1 : 0))))
    expect(bars(source)).toEqual(['today'])
    expect(texts(source)).toContain('&lt;$0.01')
  })

  it('has no line and no promise without an allowance', () => {
    expect(
      svg(
        chart(
          days(() => 5),
          { allowanceMicros: 0 },
        ),
      ),
    ).not.toContain('dasharray')
  })

  it('stays inside its 1000x600 with round ticks, whatever the amounts', () => {
    const amount = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 0, max: 500_000_000 }))
    fc.assert(
      fc.property(fc.array(amount, { maxLength: 30 }), fc.integer({ min: 0, max: 1_000_000_000 }), (list, allowanceMicros) => {
        const source = svg(
          chart(
            days((index) => list[index] ?? 0, list.length),
            { allowanceMicros },
          ),
        )
        expect(source).not.toMatch(/NaN|Infinity|undefined/)
        for (const [, y] of source.matchAll(/<text x="[^"]*" y="([^"]*)"/g)) {
          expect(Number(y)).toBeGreaterThan(30)
          expect(Number(y)).toBeLessThan(590)
        }
        const ticks = texts(source.replaceAll(/<text[^>]*text-anchor="(start|middle)"[^>]*>[^<]*/g, ''))
        expect(ticks.length).toBeLessThanOrEqual(7)
        expect(new Set(ticks).size).toBe(ticks.length)
      }),
      { numRuns: 200 },
    )
  })

  it('has a glyph in its own fonts for every character it may draw', () => {
    const characters = new Set<string>()
    for (const language of ['en', 'zh'])
      for (const amount of [0, 1, 8_000_000, 60_000_000])
        for (const words of texts(
          svg(
            chart(
              days((index) => index * amount),
              { language, allowanceMicros: 8_000_000 },
            ),
          ),
        ).concat(Object.values(wordsFor(chart([], { language }), localiser))))
          for (const character of (words ?? '').replaceAll('&lt;', '<')) characters.add(character)
    const fontFiles = ['inter-medium', 'inter-semibold', 'noto-sans-sc-medium', 'noto-sans-sc-semibold'].map((name) =>
      assetPath(`core/credits/fonts/${name}.ttf`),
    )
    for (const weight of ['Medium', 'SemiBold'])
      for (const character of characters) {
        if (character === ' ' || character === '\u00a0') continue
        const one = `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="60"><text x="10" y="40" font-size="30" font-family="Inter ${weight}, Noto Sans SC ${weight}">${character === '<' ? '&lt;' : character}</text></svg>`
        const box = new Resvg(one, { font: { fontFiles, loadSystemFonts: false } }).getBBox()
        expect(box?.width ?? 0, `${weight} ${character}`).toBeGreaterThan(0)
      }
  })
})

describe('drawing', () => {
  const source = fileURLToPath(new URL('../../../core/credits/chart-worker.ts', import.meta.url))
  // Inside the package, so that the built thread finds the library.
  const workerFile = assetPath('node_modules/.cache/clawcloud-tests/chart-worker.js')
  beforeAll(async () => {
    mkdirSync(dirname(workerFile), { recursive: true })
    await build({
      entryPoints: [source],
      outfile: workerFile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      external: ['@resvg/resvg-js'],
      logLevel: 'silent',
    })
  })

  const isPng = (png: Buffer) =>
    png.subarray(1, 4).toString() === 'PNG' && png.readUInt32BE(16) === 1000 && png.readUInt32BE(20) === 600
  const picture = chart(days((index) => index * 20_000))

  it('gives a PNG of 1000x600 from sources', async () => {
    const png = await createDraw({ localiser })(picture)
    expect(isPng(png)).toBe(true)
    expect(png.length).toBeLessThan(100_000)
  })

  describe('in a thread of its own', () => {
    const draw = { current: createDraw({ localiser, workerFile, idleSeconds: 0.05 }) }
    afterAll(() => draw.current.close())

    it('gives the same picture, many at once', async () => {
      const own = await createDraw({ localiser, workerFile: null })(picture)
      const pictures = await Promise.all(Array.from({ length: 5 }, () => draw.current(picture)))
      for (const png of pictures) expect(png.equals(own)).toBe(true)
    })

    it('does not keep the service from answering meanwhile', async () => {
      await draw.current(picture)
      let longestMs = 0
      let last = performance.now()
      const beat = setInterval(() => {
        longestMs = Math.max(longestMs, performance.now() - last)
        last = performance.now()
      }, 1)
      await Promise.all(Array.from({ length: 10 }, () => draw.current(picture)))
      clearInterval(beat)
      expect(longestMs).toBeLessThan(100)
    })

    it('starts again after it has ended for want of work', async () => {
      await draw.current(picture)
      await draw.current.close()
      expect(isPng(await draw.current(picture))).toBe(true)
    })

    it('fails the pictures under way when the thread cannot start', async () => {
      const broken = createDraw({ localiser, workerFile: assetPath('no-such-worker.js') })
      await expect(broken(picture)).rejects.toThrow()
    })
  })
})
