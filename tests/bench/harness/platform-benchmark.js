import { APPLICATION_ID, createDiscordApi, DISCORD_TOKEN } from './discord-api.js'
import { createFeishuApi, FEISHU_APP } from './feishu-api.js'
import { backAndForth, CHATS, measureChat, RATE_PER_SECOND } from './measure-chat.js'
import { startPostgres } from './postgres.js'
import { report } from './report.js'
import { interleave, medianOf, ratioOf } from './rounds.js'
import { seedInstances } from './seed.js'
import { startAnchor, startClawCloud } from './service.js'
import { quietAccounts } from './vendor.js'

const PLATFORMS = {
  discord: {
    createApi: createDiscordApi,
    anchor: 'discord.js',
    env: (api) => ({
      DISCORD_BOT_TOKEN: DISCORD_TOKEN,
      DISCORD_APPLICATION_ID: APPLICATION_ID,
      DISCORD_API_ROOT: api.root,
    }),
  },
  feishu: {
    createApi: createFeishuApi,
    anchor: 'feishu.js',
    env: (api) => ({ FEISHU_APP_ID: FEISHU_APP.id, FEISHU_APP_SECRET: FEISHU_APP.secret, FEISHU_DOMAIN: api.root }),
  },
}

/** The hot path of Telegram once more, on Discord and on Feishu, beside a bare bot on the platform's own SDK. */
export const onPlatform = (platform) => async () => {
  const { createApi, anchor, env } = PLATFORMS[platform]
  const postgres = await startPostgres()
  const vendor = await quietAccounts()
  const bare = async () =>
    measureChat({
      api: await createApi(),
      postgres,
      startBot: async (api) => startAnchor(anchor, env(api)),
      press: (buttons) => buttons[0],
    })
  const ours = async () => {
    const api = await createApi()
    const databaseUrl = await postgres.database('clawcloud')
    return measureChat({
      api,
      postgres,
      startBot: () => startClawCloud({ databaseUrl, env: { ...vendor.env, ...env(api), ROLES: 'bots,http' } }),
      prepare: () => seedInstances(postgres, 'clawcloud', { count: CHATS, platform, userSql: api.userSql, chatSql: api.chatSql }),
      press: backAndForth,
    })
  }
  try {
    const rounds = await interleave([
      { name: 'bare SDK', run: bare },
      { name: 'clawcloud', run: ours },
    ])
    const against = (key) => ratioOf(rounds, ['clawcloud', key], ['bare SDK', key])
    const keys = [
      'commandP50',
      'commandP99',
      'pressP50',
      'pressP99',
      'acknowledgedP99',
      'cpuCommand',
      'cpuPress',
      'postgresCpu',
      'perSecond',
      'pressesPerSecond',
      'lost',
      'residentMb',
    ]
    return await report(platform, {
      title: `${platform}: commands and presses (${CHATS} chats; ${RATE_PER_SECOND} a second, and as fast as it goes)`,
      columns: [
        'command p50 ms',
        'p99 ms',
        'press p50 ms',
        'p99 ms',
        'acknowledged p99 ms',
        'CPU ms/command',
        'CPU ms/press',
        'PostgreSQL CPU ms',
        'commands/s',
        'presses/s',
        'lost',
        'resident MB',
      ],
      rows: ['bare SDK', 'clawcloud'].map((name) => [name, ...keys.map((key) => medianOf(rounds, name, key))]),
      goals: [
        { what: 'command p50, times the bare SDK', measured: against('commandP50'), atMost: 2.5, stretch: 2 },
        { what: 'command p99, times the bare SDK', measured: against('commandP99'), atMost: 3.5, stretch: 2.5 },
        { what: 'press p50, times the bare SDK', measured: against('pressP50'), atMost: 2.5, stretch: 2 },
        { what: 'press p99, times the bare SDK', measured: against('pressP99'), atMost: 3.5, stretch: 2.5 },
        { what: 'CPU per command, times the bare SDK', measured: against('cpuCommand'), atMost: 2.5, stretch: 1.8 },
        { what: 'CPU per press, times the bare SDK', measured: against('cpuPress'), atMost: 2.5, stretch: 1.8 },
        { what: 'sustained commands/s, times the bare SDK', measured: against('perSecond'), atLeast: 0.33, stretch: 0.45 },
        { what: 'sustained presses/s, times the bare SDK', measured: against('pressesPerSecond'), atLeast: 0.33, stretch: 0.45 },
      ],
      notes: ['Latency: from the moment the update exists until its answer has arrived. Ratios are taken inside each round.'],
      rounds,
    })
  } finally {
    await vendor.close()
    await postgres.stop()
  }
}
