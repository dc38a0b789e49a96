type Stop = (signal: NodeJS.Signals) => Promise<unknown> | unknown

/** Thrown inside a start that a signal cut short: nothing went wrong. */
export class StartCutShort extends Error {
  override readonly name = 'StartCutShort'
}

export type Shutdown = {
  /** How to stop what was just started. Throws StartCutShort when a signal came meanwhile, so that nothing more is started. */
  onStop(stop: Stop): void
  /**
   * Waits for the start as far as its next `onStop` (stopping beside a start would leave half of it running), then stops what was
   * started, the last first. One that fails keeps no other from stopping: throws the first error at the end.
   */
  stop(signal: NodeJS.Signals, start: Promise<unknown>): Promise<void>
}

/** The longest single step of a start: making a database on a slow disk. */
const START_STEP_SECONDS = 15

export function createShutdown(): Shutdown {
  const started: Stop[] = []
  let stopping: Promise<void> | null = null

  async function stopAll(signal: NodeJS.Signals, start: Promise<unknown>): Promise<void> {
    await settled(start, START_STEP_SECONDS)
    const failed: unknown[] = []
    for (let stop = started.pop(); stop; stop = started.pop()) {
      try {
        await stop(signal)
      } catch (error) {
        failed.push(error)
      }
    }
    if (failed.length > 0) throw failed[0]
  }

  return {
    onStop(stop) {
      started.push(stop)
      if (stopping) throw new StartCutShort('stopped during the start')
    },
    stop(signal, start) {
      stopping ??= stopAll(signal, start)
      return stopping
    },
  }
}

async function settled(work: Promise<unknown>, seconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise((resolve) => {
    timer = setTimeout(resolve, seconds * 1000)
  })
  await Promise.race([work.catch(() => undefined), patience])
  clearTimeout(timer)
}
