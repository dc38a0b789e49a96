import type { Language } from './localiser.ts'

const MICROS_PER_CENT = 10_000
const MICROS_PER_DOLLAR = 1_000_000

// Money in the American way ($29, US$29), dates with the day first: a reader anywhere takes both correctly.
const MONEY_LOCALES: Record<Language, string> = { en: 'en-US', zh: 'zh-CN' }
const DATE_LOCALES: Record<Language, string> = { en: 'en-GB', zh: 'zh-CN' }

/** Building an Intl formatter costs about a hundred times a use of it. */
function once<T>(build: (key: string) => T): (key: string) => T {
  const built = new Map<string, T>()
  return (key) => {
    const found = built.get(key)
    if (found !== undefined) return found
    const made = build(key)
    built.set(key, made)
    return made
  }
}

export type AmountFormats = {
  /** Whole amounts without decimals: `$29`, `$29.50`. Throws RangeError for a currency code that is none. */
  cents(amount: number, currency: string): string
  /** Always two decimals: `$7.94`; what is more than nothing never reads as nothing: `<$0.01`. */
  micros(amount: number): string
  /** Throws RangeError for a date that is none. Days and minutes are in UTC; only minutes say so. */
  date(iso: string, style: 'day' | 'minute'): string
}

export function amountFormats(language: Language): AmountFormats {
  const moneyLocale = MONEY_LOCALES[language]
  const whole = once(
    (currency) =>
      new Intl.NumberFormat(moneyLocale, { style: 'currency', currency, minimumFractionDigits: 0, maximumFractionDigits: 0 }),
  )
  const exact = once((currency) => new Intl.NumberFormat(moneyLocale, { style: 'currency', currency }))
  const dateLocale = DATE_LOCALES[language]
  const day = new Intl.DateTimeFormat(dateLocale, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
  const time = new Intl.DateTimeFormat(dateLocale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: 'UTC' })

  return {
    cents(amount, currency) {
      const format = exact(currency)
      // "Cents" are the currency's smallest unit, as at Stripe: the yen has no smaller one.
      const scale = 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2)
      return (amount % scale === 0 ? whole(currency) : format).format(amount / scale)
    },
    micros(amount) {
      if (amount > 0 && amount < MICROS_PER_CENT) return `<${exact('USD').format(0.01)}`
      // Less than half a cent below zero would print "-$0.00".
      const dollars = amount / MICROS_PER_DOLLAR
      return exact('USD').format(Math.abs(dollars) < 0.005 ? 0 : dollars)
    },
    date(iso, style) {
      const moment = new Date(iso)
      if (style === 'day') return day.format(moment)
      const clock = time.format(moment)
      return language === 'zh' ? `${day.format(moment)} ${clock}（UTC）` : `${day.format(moment)}, ${clock} UTC`
    },
  }
}
