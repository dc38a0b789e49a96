import type { TextArgument } from '../chat/view.ts'

/** What one month costs and contains. */
export type Price = { readonly amountCents: number; readonly currency: string; readonly creditMicros: number }

/** The one place where a price is made: review, checkout, the check of what was paid, and receipts all ask it. */
export function priceOf(source: {
  readonly priceCents: number
  readonly currency: string
  readonly creditMicros: number | bigint
}): Price {
  return {
    amountCents: source.priceCents,
    currency: source.currency.toLowerCase(),
    creditMicros: Number(source.creditMicros),
  }
}

export const isPaidInFull = (price: Price, paid: { readonly amountCents: number; readonly currency: string }): boolean =>
  paid.amountCents === price.amountCents && paid.currency.toLowerCase() === price.currency

export const moneyArgument = ({ amountCents, currency }: Pick<Price, 'amountCents' | 'currency'>): TextArgument => ({
  cents: amountCents,
  currency,
})
