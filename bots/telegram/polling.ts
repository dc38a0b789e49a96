import { setTimeout as wait } from 'node:timers/promises'
import { GrammyError } from 'grammy'
import type { Update } from 'grammy/types'
import type { PlatformHealth } from '../../core/chat/platform.ts'
import type { Log } from '../../core/log.ts'
import { networkReason } from './faults.ts'

type Dependencies = {
  /** getUpdates, from this update id on (undefined: from the first that was never confirmed). Rejects when the signal aborts. */
  readonly fetchBatch: (offset: number | undefined) => Promise<readonly Update[]>
  /** Resolves when the update is stored. */
  readonly accept: (update: Update) => Promise<void>
  readonly report: (health: PlatformHealth) => void
  readonly log: Log
  /** 0 to 1; spreads the retries of several bots. */
  readonly random: () => number
  readonly signal: AbortSignal
}

const FIRST_RETRY_SECONDS = 0.5
const LAST_RETRY_SECONDS = 30

/**
 * Reads updates until the signal aborts. The next batch is asked for when every update of this one is stored, for asking is
 * what confirms them at Telegram: a process killed at any point gets the unconfirmed ones again. Returns the offset
 * that is still to be confirmed, if any.
 */
export async function poll(dependencies: Dependencies): Promise<number | undefined> {
  const { fetchBatch, report, log, signal } = dependencies
  let offset: number | undefined
  let failures = 0
  while (!signal.aborted) {
    try {
      const batch = await fetchBatch(offset)
      failures = 0
      report({ ok: true, detail: 'Telegram: polling' })
      if (!(await acceptAll(batch, dependencies))) break
      const last = batch.at(-1)
      if (last) offset = last.update_id + 1
    } catch (error) {
      if (signal.aborted) break
      failures += 1
      const trouble = troubleOf(error)
      report({ ok: false, detail: trouble.message })
      if (trouble.final) {
        log.error({}, trouble.message)
        break
      }
      log.warn({ failures }, trouble.message)
      await pause(trouble.seconds ?? backOffSeconds(failures), dependencies)
    }
  }
  return offset
}

/** True when all are stored, false when we were stopped before. What is not stored is tried again: Telegram keeps the rest for us. */
async function acceptAll(batch: readonly Update[], dependencies: Dependencies): Promise<boolean> {
  let pending = batch
  for (let failures = 1; ; failures += 1) {
    const outcomes = await Promise.allSettled(pending.map(dependencies.accept))
    pending = pending.filter((_, index) => outcomes[index]?.status === 'rejected')
    if (pending.length === 0) return true
    const reason: unknown = outcomes.find((outcome) => outcome.status === 'rejected')?.reason
    dependencies.log.warn(
      { err: reason, updates: pending.length, failures },
      'Telegram updates could not be stored; trying again',
    )
    await pause(backOffSeconds(failures), dependencies)
    if (dependencies.signal.aborted) return false
  }
}

type Trouble = { readonly message: string; readonly final?: boolean; readonly seconds?: number }

export function troubleOf(error: unknown): Trouble {
  if (!(error instanceof GrammyError)) return { message: `Telegram could not be reached (${networkReason(error)}); trying again` }
  const { error_code: code, description, parameters } = error
  if (code === 401 || code === 404) {
    return {
      final: true,
      message: 'Telegram refuses the bot token. Get a valid one from @BotFather, set TELEGRAM_BOT_TOKEN and restart',
    }
  }
  if (code === 409) {
    return {
      message: `Somebody else reads this bot's updates: stop the other process or webhook that uses its token (${description})`,
    }
  }
  if (code === 429 && parameters.retry_after !== undefined) return { message: description, seconds: parameters.retry_after }
  return { message: `Telegram answered ${code}: ${description}; trying again` }
}

const backOffSeconds = (failures: number): number => Math.min(FIRST_RETRY_SECONDS * 2 ** (failures - 1), LAST_RETRY_SECONDS)

/** Waits half to all of the time, at random; returns early when stopped. */
export async function pause(seconds: number, { random, signal }: Pick<Dependencies, 'random' | 'signal'>): Promise<void> {
  const milliseconds = seconds * 1000 * (0.5 + random() / 2)
  await wait(milliseconds, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}
