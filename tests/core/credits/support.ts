import { createOpenRouterSubKeys } from '../../../core/credits/openrouter/index.ts'
import { createHttpJson } from '../../../core/http-json.ts'
import type { Log } from '../../../core/log.ts'
import type { Database } from '../../../prisma/database.ts'
import { MANAGEMENT_KEY, type RunningOpenRouter } from '../../sandbox/openrouter-server.ts'

export type Logged = { readonly level: string; readonly fields: object; readonly message: string }

/** A log that can be looked at. */
export function memoryLog(): Log & { readonly lines: Logged[] } {
  const lines: Logged[] = []
  const write = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields, message })
  }
  const log = { lines, debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error'), child: () => log }
  return log
}

/** Our client against the stand-in; waits between attempts are noted instead of waited. */
export function subKeysOf(
  openrouter: RunningOpenRouter,
  options: { timeoutSeconds?: number; waits?: number[]; bearer?: string } = {},
) {
  return createOpenRouterSubKeys(
    createHttpJson({
      root: openrouter.root,
      bearer: options.bearer ?? MANAGEMENT_KEY,
      timeoutSeconds: options.timeoutSeconds ?? 5,
      wait: async (seconds) => {
        options.waits?.push(seconds)
      },
    }),
  )
}

export type InstanceColumns = {
  readonly id: string
  readonly sub_key_hash?: string | null
  readonly limit_micros?: number
  readonly allowance_micros?: number
  readonly baseline_micros?: number
  readonly usage_micros?: number
  readonly usage_read_at?: Date | null
  readonly cycle_started_at?: Date
  readonly cycle_ends_at?: Date
  readonly created_at?: Date
  readonly destroyed_at?: Date
}

/** An instance with whatever it must belong to. */
export async function insertInstance({ pool }: Pick<Database, 'pool'>, columns: InstanceColumns): Promise<void> {
  await pool.query(`INSERT INTO people (id) VALUES ('per_1') ON CONFLICT DO NOTHING`)
  await pool.query(
    `INSERT INTO workspaces (id, kind, owner_person_id) VALUES ('wsp_1', 'personal', 'per_1') ON CONFLICT DO NOTHING`,
  )
  await pool.query(
    `INSERT INTO plans (id, name, price_cents, credit_micros, position) VALUES ('lite', 'Lite', 2900, 8000000, 1) ON CONFLICT DO NOTHING`,
  )
  const row = {
    workspace_id: 'wsp_1',
    owner_person_id: 'per_1',
    name: columns.id,
    plan_id: 'lite',
    state: 'running',
    model: 'anthropic/claude-sonnet-4.6',
    platform: 'web',
    chat_id: 'c',
    user_id: 'u',
    language: 'en',
    host_provider: 'local',
    ...columns,
  }
  const names = Object.keys(row)
  await pool.query(
    `INSERT INTO instances (${names.join(', ')}) VALUES (${names.map((_, index) => `$${index + 1}`).join(', ')})`,
    Object.values(row),
  )
}
