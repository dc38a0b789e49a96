export { createQueues, type JobData, type QueueJob, type Queues, type QueuesOptions } from './queue.ts'
export { startTimers, type Timer } from './timers.ts'
export { enqueuers, startWorkers } from './workers.ts'
