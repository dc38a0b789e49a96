import { createQueues } from '../../jobs/index.ts'

/** Takes one job, says so, and never finishes it: to be killed. */
const [kind, url = ''] = process.argv.slice(2)
const queues = createQueues({ ...(kind === 'redis' ? { redisUrl: url } : { databaseUrl: url }), lockSeconds: 2 })
await queues.work(
  'work',
  async (job) => {
    process.stdout.write(`took ${job.id}\n`)
    await new Promise(() => undefined)
  },
  { concurrency: 1 },
)
process.stdout.write('ready\n')
