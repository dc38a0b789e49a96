import type { CardError } from './payment-objects.ts'

export type CardOutcome =
  | { readonly kind: 'approved' }
  /** The bank asks the buyer first, as with 3-D Secure. */
  | { readonly kind: 'confirm' }
  | { readonly kind: 'declined'; readonly error: CardError }

export type TestCard = { readonly number: string; readonly meaning: string; readonly outcome: CardOutcome }

const declined = (code: string, declineCode: string | null, message: string): CardOutcome => ({
  kind: 'declined',
  error: { code, decline_code: declineCode, message },
})

/** Stripe's own test numbers, with the same outcomes. Source: docs.stripe.com/testing. */
export const TEST_CARDS: readonly TestCard[] = [
  { number: '4242424242424242', meaning: 'Works', outcome: { kind: 'approved' } },
  {
    number: '4000000000000002',
    meaning: 'Is declined',
    outcome: declined('card_declined', 'generic_decline', 'Your card was declined.'),
  },
  {
    number: '4000000000009995',
    meaning: 'Has too little money',
    outcome: declined('card_declined', 'insufficient_funds', 'Your card has insufficient funds.'),
  },
  { number: '4000002500003155', meaning: 'Asks you to confirm', outcome: { kind: 'confirm' } },
]

export const AUTHENTICATION_FAILED: CardError = {
  code: 'payment_intent_authentication_failure',
  decline_code: null,
  message: 'The payment was not confirmed with the bank.',
}

export const spaced = (number: string): string => number.replace(/(.{4})(?=.)/g, '$1 ')

/** Null if it can't be a card number at all (wrong length or check digit): a typing mistake, no attempt to pay. */
export function cardOutcome(number: string): CardOutcome | null {
  const known = TEST_CARDS.find((card) => card.number === number)
  if (known) return known.outcome
  if (!/^\d{13,19}$/.test(number) || !passesLuhn(number)) return null
  return declined('card_declined', 'test_mode_live_card', 'This sandbox takes test cards only. Your card was not used.')
}

function passesLuhn(number: string): boolean {
  const digits = [...number].reverse().map(Number)
  const sum = digits.reduce((total, digit, index) => {
    if (index % 2 === 0) return total + digit
    return total + (digit > 4 ? digit * 2 - 9 : digit * 2)
  }, 0)
  return sum % 10 === 0
}
