/**
 * OpenRouter speaks USD in floating point, we count whole micro-dollars. This is the only place where one becomes the other.
 * Source: DESIGN section 4, "integers only".
 */
const MICROS_PER_USD = 1_000_000

/** To the nearest micro-dollar. Throws RangeError for what is no number: a wrong amount must not become 0. */
export function microsFromUsd(usd: number): number {
  const micros = Math.round(usd * MICROS_PER_USD)
  if (!Number.isSafeInteger(micros)) throw new RangeError(`${usd} is not an amount of US dollars`)
  // -0 would print as "-0" and differ from 0 in comparisons of whole objects.
  return micros === 0 ? 0 : micros
}

/** The nearest float, which JSON prints with at most six decimals for every amount up to some billions. */
export function usdFromMicros(micros: number): number {
  if (!Number.isSafeInteger(micros)) throw new RangeError(`${micros} is not a whole number of micro-dollars`)
  return micros / MICROS_PER_USD
}
