import { startEmbeddedPostgres } from '../../prisma/embedded.ts'

/** Starts the built-in PostgreSQL like the service does, says where, and waits to be killed or told to stop. */
const postgres = await startEmbeddedPostgres({ directory: process.argv[2] ?? '' })
const alive = setInterval(() => undefined, 60_000)
process.once('SIGTERM', () => {
  clearInterval(alive)
  postgres.stop().then(() => process.stdout.write('stopped\n'))
})
// Last: whoever reads it may send a signal at once.
process.stdout.write(`${postgres.adopted ? 'adopted' : 'started'} ${postgres.url}\n`)
