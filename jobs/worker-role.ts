import type { Log } from '../core/log.ts'
import { startReconciling, type WorkerSchedules, workerTimers } from './schedules.ts'
import type { SoleWorker } from './sole-worker.ts'
import { startTimers } from './timers.ts'
import { startWorkers } from './workers.ts'

export type WorkerRole = {
  readonly sole: SoleWorker
  readonly schedules: WorkerSchedules
  readonly engine: { run(operationId: string): Promise<void>; releaseDead(): Promise<void> }
  readonly standbys: { stop(): Promise<void> }
  readonly log: Log
  readonly onStop: (stop: () => Promise<unknown>) => void
}

/** Begins everything that only the worker does, now or as soon as this process is the one worker. */
export async function startWorkerRole(role: WorkerRole): Promise<void> {
  const { sole, log } = role
  if (await sole.atOnce) return begin(role)
  void sole.isWorker
    .then(() => begin(role))
    .catch((error: unknown) => log.error({ error }, 'this process is the worker but could not begin its work; start it again'))
}

async function begin({ schedules, engine, standbys, log, onStop }: WorkerRole): Promise<void> {
  const { queues, billing, reseal, prepareAhead } = schedules
  onStop(startTimers(workerTimers(schedules), log))
  // Before the timers: they wait for a refill, and a gateway that is just coming up takes half a minute.
  onStop(() => standbys.stop())
  await engine.releaseDead()
  await startWorkers({ queues, runOperation: engine.run, billing, log })
  await startReconciling(schedules)
  void reseal().catch((error: unknown) => log.warn({ error }, 'not all secrets could be sealed anew; the next turn goes on'))
  void prepareAhead().catch((error: unknown) => log.warn({ error }, 'nothing could be prepared ahead; a deploy tries again'))
}
