import { createBotApi, TELEGRAM_PEOPLE } from '../harness/bot-api.js'
import { closedLoop, openLoop, pause } from '../harness/load.js'
import { startPostgres } from '../harness/postgres.js'
import { cpuMs, familyCpuMs, residentMb } from '../harness/process.js'
import { report } from '../harness/report.js'
import { interleave, medianOf, ratioOf } from '../harness/rounds.js'
import { seedInstances } from '../harness/seed.js'
import { startAnchor, startClawCloud } from '../harness/service.js'
import { quietAccounts } from '../harness/vendor.js'

const CHATS = 100
const RATE_PER_SECOND = 100
const WARM_UP_SECONDS = 2
const SATURATED_SECONDS = 3
const STEADY_SECONDS = 5
const SETTLE_MS = 400
/** What talks to people in production. The worker is a process of its own there, and would start a gateway in the midst of it here. */
const FRONT = 'bots,http'

/** A command and a press with their whole transaction committed, under one generator. */
export default async function hotPath() {
  const postgres = await startPostgres()
  const vendor = await quietAccounts()
  const grammy = (api) => startAnchor('grammy.js', { TELEGRAM_API_ROOT: api.root })
  const chatSdk = async (api) =>
    startAnchor('chat-sdk.js', { TELEGRAM_API_ROOT: api.root, DATABASE_URL: await postgres.database('chat_sdk') })
  const clawcloud = async (api) =>
    startClawCloud({
      databaseUrl: await postgres.database('clawcloud'),
      telegramRoot: api.root,
      env: { ...vendor.env, ROLES: FRONT },
      node: profiling(),
    })
  try {
    const rounds = await interleave([
      { name: 'grammy', run: () => measure({ startBot: grammy, postgres, press: (buttons) => buttons[0] }) },
      { name: 'chat-sdk', run: () => measure({ startBot: chatSdk, postgres }) },
      { name: 'clawcloud', run: () => measure({ startBot: clawcloud, postgres, prepare, press: backAndForth, slow: true }) },
    ])
    const keys = [
      'commandP50',
      'commandP99',
      'pressP50',
      'pressP99',
      'cpuCommand',
      'cpuPress',
      'postgresCpu',
      'perSecond',
      'pressesPerSecond',
      'lost',
      'residentMb',
    ]
    const against = (key, anchor = 'grammy') => ratioOf(rounds, ['clawcloud', key], [anchor, key])
    return await report('hot-path', {
      title: `Commands and presses (${CHATS} chats; ${RATE_PER_SECOND} updates a second, and as fast as it goes)`,
      columns: [
        'command p50 ms',
        'p99 ms',
        'press p50 ms',
        'p99 ms',
        'CPU ms/command',
        'CPU ms/press',
        'PostgreSQL CPU ms',
        'commands/s',
        'presses/s',
        'lost',
        'resident MB',
      ],
      rows: ['grammy', 'chat-sdk', 'clawcloud'].map((name) => [name, ...keys.map((key) => medianOf(rounds, name, key))]),
      goals: [
        { what: 'command p50, times grammY', measured: against('commandP50'), atMost: 2.5, stretch: 2 },
        { what: 'command p99, times grammY', measured: against('commandP99'), atMost: 3.5, stretch: 2.5 },
        { what: 'press p50, times grammY', measured: against('pressP50'), atMost: 2.5, stretch: 2 },
        { what: 'press p99, times grammY', measured: against('pressP99'), atMost: 3.5, stretch: 2.5 },
        { what: 'CPU per command, times grammY', measured: against('cpuCommand'), atMost: 2.5, stretch: 1.8 },
        { what: 'CPU per press, times grammY', measured: against('cpuPress'), atMost: 2.5, stretch: 1.8 },
        { what: 'sustained commands/s, times grammY', measured: against('perSecond'), atLeast: 0.33, stretch: 0.45 },
        { what: 'sustained presses/s, times grammY', measured: against('pressesPerSecond'), atLeast: 0.33, stretch: 0.45 },
        { what: 'sustained commands/s, times Chat SDK', measured: against('perSecond', 'chat-sdk'), atLeast: 4, stretch: 6 },
        {
          what: 'p99 of the others while one chat is slow, times p99 otherwise',
          measured: ratioOf(rounds, ['clawcloud', 'besideSlowP99'], ['clawcloud', 'commandP99']),
          atMost: 2,
        },
      ],
      notes: [
        'Latency: from the moment the update exists until its answer has arrived. CPU is the bot process while 100 updates a second come in.',
        'Ratios are taken inside each round; the figure is their median.',
      ],
      rounds,
    })
  } finally {
    await vendor.close()
    await postgres.stop()
  }
}

async function measure({ startBot, postgres, prepare, press, slow = false }) {
  const api = await createBotApi()
  const bot = await startBot(api)
  const command = (n) => api.command(n % CHATS, '/status')
  const pressAgain = (n) => api.press(n % CHATS, press)
  try {
    await bot.until(api.firstPoll(), 'it polled')
    await prepare?.(postgres)
    await bot.until(closedLoop({ chats: CHATS, seconds: WARM_UP_SECONDS, send: command }), 'it was warm')
    await pause(SETTLE_MS)
    const commands = await steady(command)
    const figures = {
      commandP50: commands.p50,
      commandP99: commands.p99,
      cpuCommand: commands.cpuEach,
      postgresCpu: commands.postgresCpuEach,
      lost: commands.lost,
    }
    if (press) {
      if (prepare) await bot.until(Promise.all(everyChat((chat) => api.command(chat, '/deploy'))), 'the flows had begun')
      await bot.until(closedLoop({ chats: CHATS, seconds: WARM_UP_SECONDS, send: pressAgain }), 'it was warm')
      await pause(SETTLE_MS)
      const presses = await steady(pressAgain)
      Object.assign(figures, {
        pressP50: presses.p50,
        pressP99: presses.p99,
        cpuPress: presses.cpuEach,
        lost: commands.lost + presses.lost,
      })
      await pause(SETTLE_MS)
      figures.pressesPerSecond = (await closedLoop({ chats: CHATS, seconds: SATURATED_SECONDS, send: pressAgain })).perSecond
    }
    if (slow) {
      // One chat whose every answer takes Telegram two seconds, with a queue of its own waiting behind it.
      await pause(SETTLE_MS)
      api.slowDown(0, 2000)
      for (let i = 0; i < 3; i++) api.command(0, '/status')
      figures.besideSlowP99 = (
        await openLoop({ ratePerSecond: RATE_PER_SECOND, seconds: 4, send: (n) => command(1 + (n % (CHATS - 1))) })
      ).p99
      api.slowDown(0, 0)
      await pause(6000)
    }
    await pause(SETTLE_MS)
    figures.perSecond = (await closedLoop({ chats: CHATS, seconds: SATURATED_SECONDS, send: command })).perSecond
    figures.residentMb = residentMb(bot.pid)
    return figures
  } finally {
    await bot.stop()
    await api.close()
  }

  async function steady(send) {
    const before = cpuMs(bot.pid)
    const postgresBefore = familyCpuMs(postgres.pid)
    const result = await bot.until(openLoop({ ratePerSecond: RATE_PER_SECOND, seconds: STEADY_SECONDS, send }), 'it was measured')
    return {
      ...result,
      cpuEach: (cpuMs(bot.pid) - before) / result.sent,
      postgresCpuEach: (familyCpuMs(postgres.pid) - postgresBefore) / result.sent,
    }
  }
}

/** Every chat is a customer with a running assistant. */
const prepare = (postgres) => seedInstances(postgres, 'clawcloud', { count: CHATS, ...TELEGRAM_PEOPLE })

/** Two steps of /deploy: a suggested name, Back, a suggested name, … Each press moves the conversation and edits the message. */
const backAndForth = (buttons) => buttons.find(({ text }) => text.includes('Back')) ?? buttons[0]

const everyChat = (send) => Array.from({ length: CHATS }, (_, chat) => send(chat))

/** BENCH_PROFILE=folder writes a CPU profile of the measured bot there. */
function profiling() {
  const folder = process.env.BENCH_PROFILE
  return folder ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : []
}
