import { describe, expect, it } from 'vitest'
import { createLocaliser, isolate, LocaliserError, type TextFault } from '../../../core/i18n/index.ts'

const en = `
plain = Hello
named = { $name } is ready
counted = { $count ->
    [one] one server
   *[other] { $count } servers
}
said = It costs { $price }.
only-english = Only here
`
const zh = `
plain = 你好
named = { $name } 已就绪
counted = { $count } 台服务器
said = 价格为 { $price }。
`
const localiser = createLocaliser({ sources: { en, zh } })

describe('a text', () => {
  it('is said in the reader’s language', () => {
    expect(localiser.text({ id: 'plain' }, 'en')).toBe('Hello')
    expect(localiser.text({ id: 'plain' }, 'zh')).toBe('你好')
    expect(localiser.text({ literal: 'as { $it } is' }, 'zh')).toBe('as { $it } is')
  })

  it('counts in the language’s own way', () => {
    expect(localiser.text({ id: 'counted', args: { count: 1 } }, 'en')).toBe('one server')
    expect(localiser.text({ id: 'counted', args: { count: 2 } }, 'en')).toBe('2 servers')
    expect(localiser.text({ id: 'counted', args: { count: 1 } }, 'zh')).toBe('1 台服务器')
  })

  it('holds other texts, money and dates', () => {
    expect(localiser.text({ id: 'named', args: { name: { text: { id: 'plain' } } } }, 'zh')).toBe('你好 已就绪')
    expect(localiser.text({ id: 'said', args: { price: { cents: 2900, currency: 'usd' } } }, 'zh')).toBe('价格为 US$29。')
  })

  it.each([
    [{ cents: 2900, currency: 'usd' }, '$29', 'US$29'],
    [{ cents: 2950, currency: 'USD' }, '$29.50', 'US$29.50'],
    [{ cents: 1_234_500, currency: 'usd' }, '$12,345', 'US$12,345'],
    [{ cents: 500, currency: 'jpy' }, '¥500', 'JP¥500'],
    [{ micros: 7_940_000 }, '$7.94', 'US$7.94'],
    [{ micros: 8_000_000 }, '$8.00', 'US$8.00'],
    [{ micros: 0 }, '$0.00', 'US$0.00'],
    [{ micros: 300 }, '<$0.01', '<US$0.01'],
    [{ micros: -1 }, '$0.00', 'US$0.00'],
    [{ date: '2026-12-03T23:59:00Z' }, '3 December 2026', '2026年12月3日'],
    [{ date: '2026-12-03', style: 'day' as const }, '3 December 2026', '2026年12月3日'],
    [{ date: '2026-12-03T09:05:00+01:00', style: 'minute' as const }, '3 December 2026, 08:05 UTC', '2026年12月3日 08:05（UTC）'],
  ])('writes %j as %s and %s', (price, english, chinese) => {
    expect(localiser.text({ id: 'said', args: { price } }, 'en')).toBe(`It costs ${english}.`)
    expect(localiser.text({ id: 'said', args: { price } }, 'zh')).toBe(`价格为 ${chinese}。`)
  })

  it('is not turned round by a name in a right-to-left script, and unmarked otherwise', () => {
    expect(localiser.text({ id: 'named', args: { name: 'محمد' } }, 'en')).toBe('\u2068محمد\u2069 is ready')
    expect(localiser.text({ id: 'named', args: { name: 'a\u202eb\u2069' } }, 'en')).toBe('\u2068a\u202eb\u2069 is ready')
    expect(localiser.text({ id: 'named', args: { name: 'Zoë 🙂' } }, 'en')).toBe('Zoë 🙂 is ready')
  })

  it('stays set apart inside of a sentence that is set apart itself', () => {
    const sentence = localiser.text({ id: 'named', args: { name: 'محمد' } }, 'en')
    expect(isolate(sentence)).toBe('\u2068\u2068محمد\u2069 is ready\u2069')
    for (const unpaired of ['\u2067محمد', 'محمد\u2069 a \u2068']) {
      expect(isolate(unpaired)).toBe(`\u2068${unpaired.replaceAll(/[\u2066-\u2069]/g, '')}\u2069`)
    }
  })
})

describe('a fault in a text', () => {
  it('throws in tests and says where to look', () => {
    expect(() => localiser.text({ id: 'missing' }, 'zh')).toThrow(/"missing" in zh: there is no such text.*core\/i18n\/zh\.ftl/)
    expect(() => localiser.text({ id: 'named' }, 'en')).toThrow(LocaliserError)
    expect(() => localiser.text({ id: 'said', args: { price: { date: 'tomorrow' } } }, 'en')).toThrow(LocaliserError)
    expect(() => localiser.text({ id: 'said', args: { price: { cents: 1, currency: 'dollars' } } }, 'en')).toThrow(LocaliserError)
  })

  it('is reported in production, where the reader gets English, and at the very last the id', () => {
    const faults: TextFault[] = []
    const lenient = createLocaliser({ sources: { en, zh }, report: (fault) => faults.push(fault) })
    expect(lenient.text({ id: 'only-english' }, 'zh')).toBe('Only here')
    expect(lenient.text({ id: 'missing' }, 'zh')).toBe('missing')
    expect(faults.map((fault) => `${fault.id} ${fault.language}`)).toEqual(['only-english zh', 'missing zh', 'missing en'])
  })
})

it.each([
  ['zh-CN', 'zh'],
  ['zh_Hant_TW', 'zh'],
  ['en-GB', 'en'],
  ['pt-BR', 'en'],
  ['zhuang', 'en'],
  [null, 'en'],
  [undefined, 'en'],
])('the nearest language to %s is %s', (locale, nearest) => {
  expect(localiser.nearest(locale)).toBe(nearest)
})
