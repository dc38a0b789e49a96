/** What a test key is for: every way a check or a turn can end, without an account at the provider. */
export type Mood = 'good' | 'no-credit' | 'no-access' | 'rate-limited' | 'down' | 'slow'

/** Words in a test key, as Stripe's test cards have numbers: `sk-ant-api03-sandbox-nocredit-0001` has no credit. */
const WORDS: readonly (readonly [RegExp, Mood])[] = [
  [/nocredit/i, 'no-credit'],
  [/noaccess/i, 'no-access'],
  [/limited/i, 'rate-limited'],
  [/down/i, 'down'],
  [/slow/i, 'slow'],
]

/** Null for a key that is nobody's. */
export function moodOf(key: string, beginsWith: string): Mood | null {
  if (!key.startsWith(beginsWith)) return null
  return WORDS.find(([word]) => word.test(key.slice(beginsWith.length)))?.[1] ?? 'good'
}
