export { createQueues, type JobData, type QueueJob, type Queues, type QueuesOptions } from './queue.ts'
export { startReconciling, sweepTimers, type WorkerSchedules, workerTimers } from './schedules.ts'
export { startTimers, type Timer } from './timers.ts'
export { enqueuers, startWorkers } from './workers.ts'
