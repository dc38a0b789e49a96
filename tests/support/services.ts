import { randomBytes } from 'node:crypto'
import type { Clock, Ids } from '../../core/clock.ts'
import type { Log } from '../../core/log.ts'
import type { Services } from '../../core/services.ts'
import type { Database } from '../../prisma/database.ts'

export const systemClock: Clock = { now: () => new Date() }

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'
const characters = (count: number, most: number) => [...randomBytes(count)].map((byte) => ALPHABET[byte % most] ?? '0').join('')
export const randomIds: Ids = { create: (prefix) => `${prefix}_${characters(16, 36)}`, screen: () => characters(10, 62) }

export const quietLog: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => quietLog }

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
