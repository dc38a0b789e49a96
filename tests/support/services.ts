import { randomBytes } from 'node:crypto'
import type { Clock, Ids } from '../../core/clock.ts'
import type { ModelRoots } from '../../core/gateway/index.ts'
import type { Log } from '../../core/log.ts'
import type { Services } from '../../core/services.ts'
import type { Database } from '../../prisma/database.ts'

export const systemClock: Clock = { now: () => new Date() }

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const characters = (count: number, most: number) => [...randomBytes(count)].map((byte) => ALPHABET[byte % most] ?? '0').join('')
export const randomIds: Ids = { create: (prefix) => `${prefix}_${characters(16, 36)}`, screen: () => characters(10, 62) }

export const quietLog: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => quietLog }

/** Where model calls go in a test: OpenRouter's, and nowhere for the other providers unless they are given. */
export const modelRoots = (openrouter: string, others: Partial<ModelRoots> = {}): ModelRoots => ({
  openrouter,
  anthropic: 'http://127.0.0.1:9/anthropic',
  openai: 'http://127.0.0.1:9/openai/v1',
  google: 'http://127.0.0.1:9/google',
  ...others,
})

/** Services with the given parts; asking for any other is a mistake of the test and says so. */
export function servicesFor(database: Database, parts: Partial<Services> = {}): Services {
  const unavailable = (name: string) =>
    new Proxy(
      {},
      {
        get: (_target, property) => {
          throw new Error(`this test has no ${name}.${String(property)}`)
        },
      },
    )
  const operations = { start: async () => ({ id: 'none' }), wake: () => undefined }
  const known: Record<string, unknown> = {
    database,
    clock: systemClock,
    ids: randomIds,
    log: quietLog,
    operations,
    report: () => undefined,
    ...parts,
  }
  return new Proxy(known, {
    get: (target, property) => target[String(property)] ?? unavailable(String(property)),
  }) as unknown as Services
}
