import { createBotApi, TELEGRAM_PEOPLE } from '../harness/bot-api.js'
import { closedLoop, pause } from '../harness/load.js'
import { startPostgres } from '../harness/postgres.js'
import { cpuMs, familyCpuMs } from '../harness/process.js'
import { report } from '../harness/report.js'
import { medianOf, ROUNDS, ratioOf } from '../harness/rounds.js'
import { seedInstances } from '../harness/seed.js'
import { startAnchor, startClawCloud } from '../harness/service.js'
import { quietAccounts } from '../harness/vendor.js'

const CHATS = 100
const WINDOWS = ROUNDS * 3
const WINDOW_SECONDS = 1
const WARM_UP_SECONDS = 3
const SETTLE_MS = 150

/**
 * As fast as it goes, in pairs: all programs stay up, and windows of a second go round between them, so that a ratio compares
 * neighbours. For machines that others use as well, where the minutes between two variants of `hot-path` make any ratio.
 */
export default async function sustained() {
  const postgres = await startPostgres()
  const vendor = await quietAccounts()
  const programs = []
  try {
    programs.push(await begin('grammy', (api) => startAnchor('grammy.js', { TELEGRAM_API_ROOT: api.root })))
    programs.push(
      await begin('chat-sdk', async (api) =>
        startAnchor('chat-sdk.js', { TELEGRAM_API_ROOT: api.root, DATABASE_URL: await postgres.database('chat_sdk') }),
      ),
    )
    programs.push(
      await begin('clawcloud', async (api) =>
        startClawCloud({
          databaseUrl: await postgres.database('clawcloud'),
          telegramRoot: api.root,
          env: { ...vendor.env, ROLES: 'bots,http' },
        }),
      ),
    )
    const rounds = []
    for (let window = 0; window < WINDOWS; window++) {
      const figures = {}
      for (const program of window % 2 === 0 ? programs : programs.toReversed()) figures[program.name] = await measure(program)
      rounds.push(figures)
    }
    const against = (anchor) => ratioOf(rounds, ['clawcloud', 'perSecond'], [anchor, 'perSecond'])
    return await report('sustained', {
      title: `Commands as fast as it goes, in pairs (${CHATS} chats, ${WINDOWS} windows of ${WINDOW_SECONDS} s)`,
      columns: ['commands/s', 'CPU us/command', 'PostgreSQL CPU us'],
      rows: programs.map(({ name }) => [name, ...['perSecond', 'cpuUs', 'postgresUs'].map((key) => medianOf(rounds, name, key))]),
      goals: [
        { what: 'sustained commands/s, times grammY', measured: against('grammy'), atLeast: 0.33, stretch: 0.45 },
        { what: 'sustained commands/s, times Chat SDK', measured: against('chat-sdk'), atLeast: 4, stretch: 6 },
      ],
      rounds,
    })
  } finally {
    for (const { bot, api } of programs) {
      await bot.stop()
      await api.close()
    }
    await vendor.close()
    await postgres.stop()
  }

  async function begin(name, startBot) {
    const api = await createBotApi()
    const bot = await startBot(api)
    await bot.until(api.firstPoll(), 'it polled')
    if (name === 'clawcloud') await seedInstances(postgres, 'clawcloud', { count: CHATS, ...TELEGRAM_PEOPLE })
    const program = { name, api, bot, send: (chat) => api.command(chat, '/status') }
    await bot.until(closedLoop({ chats: CHATS, seconds: WARM_UP_SECONDS, send: program.send }), 'it was warm')
    return program
  }

  async function measure({ bot, send }) {
    const [before, postgresBefore] = [cpuMs(bot.pid), familyCpuMs(postgres.pid)]
    const { perSecond, answered } = await bot.until(
      closedLoop({ chats: CHATS, seconds: WINDOW_SECONDS, send }),
      'it was measured',
    )
    const cpuUs = ((cpuMs(bot.pid) - before) * 1000) / answered
    await pause(SETTLE_MS)
    return { perSecond, cpuUs, postgresUs: ((familyCpuMs(postgres.pid) - postgresBefore) * 1000) / answered }
  }
}
