import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Clock, Ids } from '../../core/clock.ts'
import { type Journal, openJournal } from '../provider/journal.ts'

/**
 * Amounts are whole picodollars (10^-12 USD): a token's price in micro-dollars per million tokens is its price in
 * picodollars, so metering is exact. 9,007 USD fit a number, plenty for a sandbox.
 */
export const PICOS_PER_USD = 1e12

const Day = z.object({ picos: z.number(), promptTokens: z.number(), completionTokens: z.number(), requests: z.number() })
const KeyRecord = z.object({
  /** SHA-256 of the secret, which itself is not kept. */
  hash: z.string(),
  name: z.string(),
  label: z.string(),
  disabled: z.boolean(),
  limitUsd: z.number().nullable(),
  limitReset: z.enum(['daily', 'weekly', 'monthly']).nullable(),
  includeByokInLimit: z.boolean(),
  externalUser: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string().nullable(),
  expiresAt: z.string().nullable(),
  usagePicos: z.number(),
  /** By UTC day and model. */
  days: z.record(z.string(), z.record(z.string(), Day)),
})
export type KeyRecord = z.infer<typeof KeyRecord>

const Use = z.object({
  hash: z.string(),
  day: z.string(),
  model: z.string(),
  picos: z.number(),
  promptTokens: z.number(),
  completionTokens: z.number(),
})
export type Use = Omit<z.infer<typeof Use>, 'day'>

/** `spentPicos` is kept apart from the keys: what a deleted key used stays spent. */
const Account = z.object({ creditUsd: z.number(), spentPicos: z.number() })
const Entry = z.union([
  z.object({ key: KeyRecord }),
  z.object({ deleted: z.string() }),
  z.object({ use: Use }),
  z.object({ account: Account }),
  z.object({ removedModels: z.array(z.string()) }),
])

/** What a new account starts with: enough that nobody trying things out meets 402 by accident. */
const FIRST_CREDIT_USD = 1000

export type Store = ReturnType<typeof createStore>

/** The account's state. With a path it survives a restart. */
export function createStore({ clock, ids, journalPath }: { clock: Clock; ids: Ids; journalPath?: string }) {
  const keys = new Map<string, KeyRecord>()
  let account = { creditUsd: FIRST_CREDIT_USD, spentPicos: 0 }
  let removedModels: readonly string[] = []

  function apply(entry: z.infer<typeof Entry>): void {
    if ('key' in entry) keys.set(entry.key.hash, entry.key)
    else if ('deleted' in entry) keys.delete(entry.deleted)
    else if ('account' in entry) account = entry.account
    else if ('removedModels' in entry) removedModels = entry.removedModels
    else book(entry.use)
  }

  function book(use: z.infer<typeof Use>): void {
    account = { ...account, spentPicos: account.spentPicos + use.picos }
    const key = keys.get(use.hash)
    // Deleted while its last answer was being written: spent all the same.
    if (!key) return
    key.usagePicos += use.picos
    const models = key.days[use.day] ?? {}
    const day = models[use.model] ?? { picos: 0, promptTokens: 0, completionTokens: 0, requests: 0 }
    key.days[use.day] = models
    models[use.model] = day
    day.picos += use.picos
    day.promptTokens += use.promptTokens
    day.completionTokens += use.completionTokens
    day.requests += 1
  }

  const snapshot = () => [{ account }, { removedModels }, ...[...keys.values()].map((key) => ({ key }))]
  const journal: Journal | null = journalPath ? openJournal(journalPath, (entry) => apply(Entry.parse(entry)), snapshot) : null

  function commit(entry: z.infer<typeof Entry>): void {
    journal?.append(entry)
    apply(entry)
  }
  const now = () => clock.now().toISOString()

  return {
    keys: (): readonly KeyRecord[] => [...keys.values()],
    key: (hash: string): KeyRecord | null => keys.get(hash) ?? null,
    keyOfSecret: (secret: string): KeyRecord | null => keys.get(hashOf(secret)) ?? null,
    account: () => account,
    balanceUsd: () => account.creditUsd - account.spentPicos / PICOS_PER_USD,
    removedModels: () => removedModels,

    create(fields: Pick<KeyRecord, 'name' | 'limitUsd' | 'limitReset' | 'includeByokInLimit' | 'externalUser' | 'expiresAt'>) {
      const random = [1, 2, 3, 4].map(() => ids.create('key')).join('.')
      const secret = `sk-or-v1-${hashOf(random)}`
      const key: KeyRecord = {
        ...fields,
        hash: hashOf(secret),
        label: `${secret.slice(0, 12)}...${secret.slice(-4)}`,
        disabled: false,
        createdAt: now(),
        updatedAt: null,
        usagePicos: 0,
        days: {},
      }
      commit({ key })
      return { key, secret }
    },
    change(
      key: KeyRecord,
      change: Partial<Pick<KeyRecord, 'name' | 'disabled' | 'limitUsd' | 'limitReset' | 'includeByokInLimit'>>,
    ): KeyRecord {
      const changed = { ...key, ...change, updatedAt: now() }
      commit({ key: changed })
      return changed
    },
    delete: (hash: string) => commit({ deleted: hash }),
    use: (use: Use) => commit({ use: { ...use, day: now().slice(0, 10) } }),
    setBalanceUsd: (usd: number) => commit({ account: { ...account, creditUsd: usd + account.spentPicos / PICOS_PER_USD } }),
    setRemovedModels: (models: readonly string[]) => commit({ removedModels: [...models] }),

    /** Use of a key since a UTC day (inclusive). */
    picosSince(key: KeyRecord, day: string): number {
      let sum = 0
      for (const [date, models] of Object.entries(key.days))
        if (date >= day) for (const use of Object.values(models)) sum += use.picos
      return sum
    },
    today: () => now().slice(0, 10),
  }
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')

/** First UTC day of the day, the week (Monday) and the month that `today` lies in. */
export function periodStarts(today: string): { daily: string; weekly: string; monthly: string } {
  const date = new Date(`${today}T00:00:00Z`)
  const sinceMonday = (date.getUTCDay() + 6) % 7
  const monday = new Date(date.getTime() - sinceMonday * 86_400_000)
  return { daily: today, weekly: monday.toISOString().slice(0, 10), monthly: `${today.slice(0, 8)}01` }
}
