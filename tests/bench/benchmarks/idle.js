import { createBotApi } from '../harness/bot-api.js'
import { pause } from '../harness/load.js'
import { startPostgres } from '../harness/postgres.js'
import { residentMb } from '../harness/process.js'
import { report } from '../harness/report.js'
import { interleave, medianOf, ratioOf } from '../harness/rounds.js'
import { startAnchor, startClawCloud } from '../harness/service.js'
import { quietAccounts } from '../harness/vendor.js'

const SETTLE_MS = 4000 // everything that is loaded after the first poll has been loaded by then

/** Start to first poll, and memory at rest, with Telegram only and the database up and migrated. */
export default async function idle() {
  const postgres = await startPostgres()
  const vendor = await quietAccounts()
  try {
    const clawcloud = await postgres.database('clawcloud')
    const chatSdk = await postgres.database('chat_sdk')
    const variants = [
      { name: 'grammy', run: () => measure((root) => startAnchor('grammy.js', { TELEGRAM_API_ROOT: root })) },
      {
        name: 'chat-sdk',
        run: () => measure((root) => startAnchor('chat-sdk.js', { TELEGRAM_API_ROOT: root, DATABASE_URL: chatSdk })),
      },
      {
        name: 'clawcloud',
        run: () => measure((root) => startClawCloud({ databaseUrl: clawcloud, telegramRoot: root, env: vendor.env })),
      },
    ]
    for (const { run } of variants) await run() // migrations, and warm file caches
    const rounds = await interleave(variants)
    return await report('idle', {
      title: 'Start and memory at rest (Telegram only)',
      columns: ['start to first poll, ms', 'resident, MB'],
      rows: variants.map(({ name }) => [name, medianOf(rounds, name, 'startMs'), medianOf(rounds, name, 'residentMb')]),
      goals: [
        {
          what: 'start to first poll, times Chat SDK',
          measured: ratioOf(rounds, ['clawcloud', 'startMs'], ['chat-sdk', 'startMs']),
          atMost: 1.5,
          stretch: 1,
        },
        {
          what: 'memory at rest, times grammY',
          measured: ratioOf(rounds, ['clawcloud', 'residentMb'], ['grammy', 'residentMb']),
          atMost: 2,
          stretch: 1.6,
        },
      ],
      rounds,
    })
  } finally {
    await vendor.close()
    await postgres.stop()
  }
}

async function measure(startIt) {
  const api = await createBotApi()
  const bot = await startIt(api.root)
  try {
    const firstPoll = await bot.until(api.firstPoll(), 'it polled')
    await bot.until(pause(SETTLE_MS), 'it was measured')
    return { startMs: firstPoll - bot.began, residentMb: residentMb(bot.pid) }
  } finally {
    await bot.stop()
    await api.close()
  }
}
