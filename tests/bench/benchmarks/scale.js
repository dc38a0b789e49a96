import { createBotApi, TELEGRAM_PEOPLE } from '../harness/bot-api.js'
import { closedLoop, openLoop, pause } from '../harness/load.js'
import { startPostgres } from '../harness/postgres.js'
import { cpuMs, familyCpuMs } from '../harness/process.js'
import { report } from '../harness/report.js'
import { interleave, medianOf, ratioOf } from '../harness/rounds.js'
import { seedInstances } from '../harness/seed.js'
import { startClawCloud } from '../harness/service.js'
import { quietAccounts } from '../harness/vendor.js'

const FEW = 10
const MANY = 100_000
const CHATS = 10 // the same customers ask in both
const RATE_PER_SECOND = 100
const WARM_UP_SECONDS = 2
const SECONDS = 6

/** Whether /status of one customer grows dearer with the number of all. */
export default async function scale() {
  const postgres = await startPostgres()
  const vendor = await quietAccounts()
  try {
    const variants = [FEW, MANY].map((count) => ({ name: `${count} instances`, count, database: `instances_${count}` }))
    for (const { count, database } of variants) {
      await postgres.database(database)
      await withBot(database, ({ bot, api }) => bot.until(api.firstPoll(), 'it polled')) // makes the tables
      await seedInstances(postgres, database, { count, ...TELEGRAM_PEOPLE })
    }
    const rounds = await interleave(variants.map(({ name, database }) => ({ name, run: () => withBot(database, measure) })))
    const [few, many] = variants.map(({ name }) => name)
    const ratio = (key) => ratioOf(rounds, [many, key], [few, key])
    return await report('scale', {
      title: `/status with ${FEW} and with ${MANY} instances in the table`,
      columns: ['p50 ms', 'p99 ms', 'CPU ms each', 'PostgreSQL CPU ms each'],
      rows: variants.map(({ name }) => [
        name,
        ...['p50', 'p99', 'cpuEach', 'postgresCpuEach'].map((key) => medianOf(rounds, name, key)),
      ]),
      goals: [
        { what: `p50 with ${MANY}, times with ${FEW}`, measured: ratio('p50'), atMost: 1.15 },
        { what: 'CPU each, times', measured: ratio('cpuEach'), atMost: 1.15 },
        { what: 'PostgreSQL CPU each, times', measured: ratio('postgresCpuEach'), atMost: 1.25 },
      ],
      rounds,
    })
  } finally {
    await vendor.close()
    await postgres.stop()
  }

  async function withBot(database, work) {
    const api = await createBotApi()
    // The bots alone: the instances are rows without a host, nothing for the worker to look after.
    const bot = await startClawCloud({
      databaseUrl: postgres.url(database),
      telegramRoot: api.root,
      env: { ...vendor.env, ROLES: 'bots' },
    })
    try {
      return await work({ bot, api })
    } finally {
      await bot.stop()
      await api.close()
    }
  }

  async function measure({ bot, api }) {
    const send = (n) => api.command(n % CHATS, '/status')
    await bot.until(api.firstPoll(), 'it polled')
    await bot.until(closedLoop({ chats: CHATS, seconds: WARM_UP_SECONDS, send }), 'it was warm')
    await pause(400)
    const before = { bot: cpuMs(bot.pid), postgres: familyCpuMs(postgres.pid) }
    const result = await bot.until(openLoop({ ratePerSecond: RATE_PER_SECOND, seconds: SECONDS, send }), 'it was measured')
    return {
      p50: result.p50,
      p99: result.p99,
      lost: result.lost,
      cpuEach: (cpuMs(bot.pid) - before.bot) / result.sent,
      postgresCpuEach: (familyCpuMs(postgres.pid) - before.postgres) / result.sent,
    }
  }
}
