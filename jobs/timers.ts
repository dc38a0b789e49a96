import type { Log } from '../core/log.ts'

export type Timer = { readonly name: string; readonly everySeconds: number; run(): Promise<unknown> }

/**
 * Cheap, idempotent looks at the tables, in every process by itself: they are what mends a lost queue, so they don't use it.
 * A run that takes longer than its interval is not overtaken by the next. Returns how to stop and wait for the running ones.
 */
export function startTimers(timers: readonly Timer[], log: Log): () => Promise<void> {
  const running = new Map<string, Promise<unknown>>()
  const handles = timers.map((timer) => {
    const tick = () => {
      if (running.has(timer.name)) return
      const run = timer
        .run()
        .catch((error: unknown) => log.warn({ error, timer: timer.name }, 'a regular look failed; the next one follows'))
        .finally(() => running.delete(timer.name))
      running.set(timer.name, run)
    }
    return setInterval(tick, timer.everySeconds * 1000)
  })
  return async () => {
    for (const handle of handles) clearInterval(handle)
    await Promise.all(running.values())
  }
}
