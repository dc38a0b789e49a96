export type Spaced = {
  /** Runs at once if the last run is long enough ago, else when it is; calls until then are one run. */
  ask(): void
  /** Runs no more; resolves when what runs is over. */
  end(): Promise<void>
}

/** Runs `work` at most every `everyMs`, never twice at once, and never in its caller's way. `work` must not throw. */
export function spaced(everyMs: number, work: () => Promise<void>): Spaced {
  let lastAt = Number.NEGATIVE_INFINITY
  let timer: NodeJS.Timeout | null = null
  let running: Promise<void> = Promise.resolve()
  let ended = false

  function run(): void {
    timer = null
    lastAt = performance.now()
    running = running.then(work)
  }

  return {
    ask() {
      if (ended || timer) return
      const waitMs = lastAt + everyMs - performance.now()
      if (waitMs > 0) timer = setTimeout(run, waitMs)
      else run()
    },
    async end() {
      ended = true
      if (timer) clearTimeout(timer)
      await running
    },
  }
}
