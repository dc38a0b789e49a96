import type { SubKeys } from './sub-keys.ts'

/** What all customers together spend in about a day at first; below it an operator should buy credit today. */
const LOW_BALANCE_MICROS = 20_000_000

export type AccountBalance = {
  /** Bought minus used, in micro-dollars. */
  readonly balanceMicros: number
  /** `empty`: every customer's assistant is answered with 402 now. `low`: it soon will be. */
  readonly state: 'enough' | 'low' | 'empty'
}

/** Throws SubKeyError when the provider does not tell. */
export async function readAccountBalance(subKeys: SubKeys, lowMicros = LOW_BALANCE_MICROS): Promise<AccountBalance> {
  const { creditMicros, usageMicros } = await subKeys.accountBalance()
  const balanceMicros = creditMicros - usageMicros
  return { balanceMicros, state: balanceMicros <= 0 ? 'empty' : balanceMicros < lowMicros ? 'low' : 'enough' }
}
