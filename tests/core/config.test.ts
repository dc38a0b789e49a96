import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { assetPath } from '../../core/assets.ts'
import { secretsOf } from '../../core/config/secrets.ts'
import { ConfigError, exampleEnvironment, loadConfig, readConfig } from '../../core/config.ts'
import { createRedactor } from '../../core/secrets/index.ts'

const KEY = `1:${Buffer.alloc(32, 7).toString('base64')}`
const LIVE = {
  STRIPE_SECRET_KEY: 'sk_live_abc123',
  STRIPE_WEBHOOK_SECRET: 'whsec_abc',
  OPENROUTER_MANAGEMENT_KEY: 'sk-or-v1-abc',
  MASTER_KEY: KEY,
  PUBLIC_URL: 'https://bot.example.com/',
}

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    readConfig(environment)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
}

describe('the configuration', () => {
  it('needs nothing: an empty environment is the sandbox on this machine', () => {
    expect(readConfig({})).toMatchObject({
      http: { bind: '127.0.0.1', port: 8787, publicUrl: null },
      dataDirectory: join(process.cwd(), '.data'),
      databaseUrl: null,
      redisUrl: null,
      roles: { bots: true, http: true, worker: true },
      telegram: null,
      stripe: null,
      openrouter: null,
      openclawVersion: '2026.9.6',
      standbyGateways: 1,
      sandbox: true,
      webChat: true,
      warnings: [],
    })
  })

  it('takes the place of a stand-in one credential at a time', () => {
    const config = readConfig({ STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_WEBHOOK_SECRET: 'whsec_1', MASTER_KEY: KEY })
    expect(config.stripe).toEqual({ secretKey: 'sk_test_1', webhookSecret: 'whsec_1', apiRoot: 'https://api.stripe.com' })
    expect(config).toMatchObject({ openrouter: null, sandbox: true })
    expect(readConfig(LIVE)).toMatchObject({ sandbox: false, webChat: false, http: { publicUrl: 'https://bot.example.com' } })
  })

  it('lets Telegram be tried with nothing but its token', () => {
    const config = readConfig({ TELEGRAM_BOT_TOKEN: '123456:AAabcdefghijklmnopqrstuvwxyz' })
    expect(config.telegram).toEqual({
      token: '123456:AAabcdefghijklmnopqrstuvwxyz',
      apiRoot: 'https://api.telegram.org',
      webhookSecret: null,
    })
    expect(config.sandbox).toBe(true)
  })

  it('lets Discord be tried with a token and its application, and serves signed interactions with its public key', () => {
    const bot = { DISCORD_BOT_TOKEN: 'MTIzNDU2.Abc-de.fghijklm_nop', DISCORD_APPLICATION_ID: '123456789012345678' }
    expect(readConfig(bot).discord).toEqual({
      token: 'MTIzNDU2.Abc-de.fghijklm_nop',
      applicationId: '123456789012345678',
      publicKey: null,
      apiRoot: 'https://discord.com/api',
    })
    expect(readConfig({}).discord).toBeNull()
    const signed = { ...bot, DISCORD_PUBLIC_KEY: 'ab'.repeat(32) }
    expect(readConfig({ ...signed, PUBLIC_URL: 'https://bot.example.com' }).discord?.publicKey).toBe('ab'.repeat(32))

    expect(problemsOf({ DISCORD_BOT_TOKEN: bot.DISCORD_BOT_TOKEN })).toEqual([
      expect.stringMatching(/^DISCORD_APPLICATION_ID is missing: .*General Information/),
    ])
    expect(problemsOf({ DISCORD_APPLICATION_ID: bot.DISCORD_APPLICATION_ID })).toEqual([
      expect.stringMatching(/^DISCORD_BOT_TOKEN is missing: DISCORD_APPLICATION_ID is set/),
    ])
    expect(problemsOf(signed)).toEqual([expect.stringMatching(/^PUBLIC_URL is missing: DISCORD_PUBLIC_KEY/)])
    const apart = { ...LIVE, ...signed, ROLES: 'bots,worker' }
    expect(problemsOf(apart)).toEqual([expect.stringMatching(/^ROLES must include http while DISCORD_PUBLIC_KEY/)])
    expect(problemsOf({ ...apart, ROLES: 'worker' })).toEqual([])
    expect(problemsOf({ ...bot, DISCORD_BOT_TOKEN: 'canary' })).toEqual([
      expect.stringMatching(/^DISCORD_BOT_TOKEN must look like/),
    ])
    expect(problemsOf({ DISCORD_API_ROOT: 'http://proxy.example.com' })).toEqual([
      expect.stringContaining('DISCORD_API_ROOT must start with https://: the bot token'),
    ])
  })

  it('lets Feishu be tried with its app alone, by a long connection, and with its keys by a webhook', () => {
    const app = { FEISHU_APP_ID: 'cli_a1b2c3d4e5f60718', FEISHU_APP_SECRET: 'secret-of-the-app' }
    expect(readConfig(app).feishu).toEqual({
      appId: 'cli_a1b2c3d4e5f60718',
      appSecret: 'secret-of-the-app',
      domain: 'https://open.feishu.cn',
      webhook: null,
      workspaces: 'group',
    })
    expect(readConfig({}).feishu).toBeNull()
    const posted = { ...app, FEISHU_ENCRYPT_KEY: 'key', FEISHU_VERIFICATION_TOKEN: 'token' }
    expect(readConfig({ ...posted, PUBLIC_URL: 'https://bot.example.com', FEISHU_WORKSPACE: 'tenant' }).feishu).toMatchObject({
      webhook: { encryptKey: 'key', verificationToken: 'token' },
      workspaces: 'tenant',
    })
    expect(readConfig({ ...app, FEISHU_DOMAIN: 'https://open.larksuite.com/' }).feishu?.domain).toBe('https://open.larksuite.com')

    const { FEISHU_APP_ID, FEISHU_APP_SECRET } = app
    expect(problemsOf({ FEISHU_APP_ID })).toEqual([expect.stringMatching(/^FEISHU_APP_SECRET is missing: /)])
    expect(problemsOf({ FEISHU_APP_SECRET })).toEqual([
      expect.stringMatching(/^FEISHU_APP_ID is missing: FEISHU_APP_SECRET is set/),
    ])
    expect(problemsOf(posted)).toEqual([expect.stringMatching(/^PUBLIC_URL is missing: FEISHU_ENCRYPT_KEY/)])
    const url = { PUBLIC_URL: 'https://bot.example.com' }
    expect(problemsOf({ ...app, ...url, FEISHU_ENCRYPT_KEY: 'key' })).toEqual([
      expect.stringMatching(/^FEISHU_VERIFICATION_TOKEN is missing: /),
    ])
    expect(problemsOf({ ...app, ...url, FEISHU_VERIFICATION_TOKEN: 'token' })).toEqual([
      expect.stringMatching(/^FEISHU_ENCRYPT_KEY is missing: /),
    ])
    expect(problemsOf({ ...LIVE, ...posted, ROLES: 'bots' })).toEqual([
      expect.stringMatching(/^ROLES must include http while FEISHU_ENCRYPT_KEY/),
    ])
    expect(problemsOf({ ...app, FEISHU_APP_ID: 'cli_1' })).toEqual([expect.stringMatching(/^FEISHU_APP_ID must look like cli_/)])
    expect(problemsOf({ FEISHU_WORKSPACE: 'room' })).toEqual(['FEISHU_WORKSPACE must be group or tenant.'])
    expect(problemsOf({ FEISHU_DOMAIN: 'http://proxy.example.com' })).toEqual([
      expect.stringContaining("FEISHU_DOMAIN must start with https://: the app's secret"),
    ])
  })

  it('reads roles and operators', () => {
    const config = readConfig({ ...LIVE, ROLES: 'http, worker', OPERATORS: 'telegram:123, feishu:ou_1' })
    expect(config.roles).toEqual({ bots: false, http: true, worker: true })
    expect(config.operators).toEqual([
      { platform: 'telegram', userId: '123' },
      { platform: 'feishu', userId: 'ou_1' },
    ])
    expect(config.warnings).toEqual(['OPERATORS is set, but this version has no operator commands yet: it changes nothing.'])
  })

  it('refuses what this version cannot do yet, instead of ignoring it', () => {
    expect(problemsOf({ HOST_PROVIDER: 'hetzner', HCLOUD_TOKEN: 'canary' })).toEqual([
      'HOST_PROVIDER=hetzner is not available in this version yet: remove it; assistants run on this machine (local).',
      'HCLOUD_TOKEN is set, but servers at Hetzner are not available in this version yet: remove it.',
    ])
    expect(problemsOf({ HOST_PROVIDER: 'docker' })).toEqual([expect.stringContaining('HOST_PROVIDER=docker is not available')])
    expect(problemsOf({ HOST_PROVIDER: 'local' })).toEqual([])
  })

  it('refuses roles that stand-ins cannot be split over, and says what the rest cannot do', () => {
    expect(problemsOf({ ROLES: 'bots,worker' })).toEqual([
      expect.stringMatching(/^ROLES must include http while STRIPE_SECRET_KEY/),
    ])
    expect(problemsOf({ ROLES: 'http,worker' })).toEqual([expect.stringMatching(/^ROLES splits the service while /)])
    expect(readConfig({ ROLES: 'bots,http' }).warnings).toEqual([expect.stringContaining('nothing is deployed')])
    for (const ROLES of ['bots,http', 'worker', 'http,worker']) expect(problemsOf({ ...LIVE, ROLES })).toEqual([])
  })

  it('knows every secret in it, so that no log shows one', () => {
    const config = readConfig({
      ...LIVE,
      MASTER_KEY: `${KEY},2:${Buffer.alloc(32, 8).toString('base64')}`,
      METRICS_TOKEN: 'metrics-token-canary',
      TELEGRAM_BOT_TOKEN: '123456:AAabcdefghijklmnopqrstuvwxyz',
      TELEGRAM_WEBHOOK_SECRET: 'webhook-secret-canary',
      DATABASE_URL: 'postgres://user:database%2Fcanary@db:5432/x',
      REDIS_URL: 'redis://:redis-canary@cache:6379',
      DISCORD_BOT_TOKEN: 'canary-id.canary-time.discord-canary',
      DISCORD_APPLICATION_ID: '123456789012345678',
      FEISHU_APP_ID: 'cli_a1b2c3d4e5f60718',
      FEISHU_APP_SECRET: 'feishu-secret-canary',
      FEISHU_ENCRYPT_KEY: 'feishu-encrypt-canary',
      FEISHU_VERIFICATION_TOKEN: 'feishu-token-canary',
    })
    const redact = createRedactor({ known: () => secretsOf(config) })
    const secrets = [
      Buffer.alloc(32, 7).toString('base64'),
      Buffer.alloc(32, 8).toString('base64'),
      'metrics-token-canary',
      'webhook-secret-canary',
      'database/canary',
      'database%2Fcanary',
      'redis-canary',
      'canary-id.canary-time.discord-canary',
      'feishu-secret-canary',
      'feishu-encrypt-canary',
      'feishu-token-canary',
      'sk-or-v1-abc',
    ]
    for (const secret of secrets) expect(redact(`it said ${secret} here`)).not.toContain(secret)
  })

  it('keeps as many standby gateways as are asked for, or none', () => {
    expect(readConfig({ STANDBY_GATEWAYS: '0' }).standbyGateways).toBe(0)
    expect(readConfig({ STANDBY_GATEWAYS: '3' }).standbyGateways).toBe(3)
    for (const wrong of ['-1', '1.5', 'two'])
      expect(problemsOf({ STANDBY_GATEWAYS: wrong })).toEqual(['STANDBY_GATEWAYS must be a whole number, 0 (none) or more.'])
  })

  it('takes an empty variable for one that is not set', () => {
    expect(readConfig({ PORT: '', TELEGRAM_BOT_TOKEN: ' ' })).toMatchObject({ http: { port: 8787 }, telegram: null })
  })

  it('says every problem at once, each with its variable and the cure', () => {
    const problems = problemsOf({
      PORT: 'eighty',
      DATABASE_URL: 'mysql://x',
      ROLES: 'bot',
      MASTER_KEY: '1:short',
      OPERATORS: 'me',
      TELEGRAM_WEBHOOK_SECRET: 'a-long-enough-secret',
      STRIPE_SECRET_KEY: 'sk_test_1',
    })
    expect(problems).toEqual([
      'PORT must be a port number, like 8787.',
      'DATABASE_URL must look like postgres://user:password@host:5432/name.',
      'ROLES may only name bots, http and worker.',
      expect.stringMatching(
        /^MASTER_KEY is not usable: key 1 of the key ring has 3 bytes instead of 32\. .*openssl rand -base64 32/,
      ),
      'OPERATORS has an entry "me" that is not platform:user, like telegram:123.',
      expect.stringMatching(/^PUBLIC_URL is missing: TELEGRAM_WEBHOOK_SECRET asks for a webhook at \/telegram.* Set PUBLIC_URL=/),
      expect.stringMatching(/^STRIPE_WEBHOOK_SECRET is missing: .* copy its signing secret\.$/),
    ])
  })

  it('never repeats a secret in a problem', () => {
    const secrets = {
      MASTER_KEY: '1:c2VjcmV0',
      STRIPE_SECRET_KEY: 'pk_live_canary',
      STRIPE_WEBHOOK_SECRET: 'canary',
      TELEGRAM_BOT_TOKEN: 'canary',
      METRICS_TOKEN: 'canary',
    }
    const text = problemsOf(secrets).join('\n')
    expect(text).toContain('MASTER_KEY')
    expect(text).not.toMatch(/canary|c2VjcmV0/)
  })

  it('warns of names that look like ours and are not', () => {
    expect(readConfig({ TELEGRAM_TOKEN: 'x' }).warnings).toEqual([
      expect.stringContaining('TELEGRAM_TOKEN is set, but ClawCloud has no such variable'),
    ])
  })

  it('warns when other machines reach the web chat, and closes it when the world does', () => {
    expect(readConfig({ BIND: '0.0.0.0' })).toMatchObject({ webChat: true, warnings: [expect.stringContaining('has no login')] })
    expect(readConfig({ PUBLIC_URL: 'https://bot.example.com' })).toMatchObject({ sandbox: true, webChat: false, warnings: [] })
  })
})

describe('dangerous mixtures are refused', () => {
  const refused: readonly [string, Record<string, string>, string][] = [
    ['a live Stripe key for a stand-in', { STRIPE_API_ROOT: 'http://127.0.0.1:1' }, 'STRIPE_API_ROOT points to your own network'],
    [
      'real money for canned answers',
      { OPENROUTER_MANAGEMENT_KEY: '' },
      'OPENROUTER_MANAGEMENT_KEY is missing while STRIPE_SECRET_KEY is a live key',
    ],
    [
      'real money for a stand-in of the models',
      { OPENROUTER_API_ROOT: 'http://127.0.0.1:1/api/v1' },
      'OPENROUTER_API_ROOT points to this machine',
    ],
    [
      'a live key without a public address',
      { PUBLIC_URL: '' },
      'PUBLIC_URL must be an address that Stripe and your customers can reach',
    ],
    ['real secrets under a key beside them', { MASTER_KEY: '' }, 'MASTER_KEY is missing'],
    ['secret pages without TLS', { PUBLIC_URL: 'http://bot.example.com' }, 'PUBLIC_URL must start with https://'],
    [
      'test cards for real AI credit',
      { STRIPE_SECRET_KEY: '', STRIPE_WEBHOOK_SECRET: '' },
      'STRIPE_SECRET_KEY is missing while PUBLIC_URL opens the service',
    ],
    [
      'keys readable on the way',
      { ANTHROPIC_API_ROOT: 'http://proxy.example.com' },
      'ANTHROPIC_API_ROOT must start with https://',
    ],
    ['a live key believed without signatures', { STRIPE_WEBHOOK_SECRET: '' }, 'STRIPE_WEBHOOK_SECRET is missing'],
  ]
  it.each(refused)('%s', (_, change, problem) => {
    expect(problemsOf({ ...LIVE, ...change })).toEqual([expect.stringContaining(problem)])
  })

  it('and nothing else about a complete live configuration', () => {
    expect(problemsOf(LIVE)).toEqual([])
  })

  it('a stand-in address without its key', () => {
    expect(problemsOf({ STRIPE_API_ROOT: 'http://127.0.0.1:1' })).toEqual([
      expect.stringContaining('STRIPE_SECRET_KEY is missing: STRIPE_API_ROOT is set'),
    ])
  })

  it('but a Bot API server in the container beside us is fine', () => {
    expect(problemsOf({ TELEGRAM_API_ROOT: 'http://bot-api:8081' })).toEqual([])
  })
})

describe('the sandbox', () => {
  it('makes its key ring once and keeps it for its owner only', () => {
    const directory = mkdtempSync(join(tmpdir(), 'clawcloud-config-'))
    const [first, second] = [loadConfig({ DATA_DIR: directory }), loadConfig({ DATA_DIR: directory })]
    expect(first.keyRing).toMatch(/^1:[\w+/]{43}=$/)
    expect(second.keyRing).toBe(first.keyRing)
    expect(statSync(join(directory, 'master-key')).mode & 0o777).toBe(0o600)
    rmSync(directory, { recursive: true })
  })
})

describe('.env.example', () => {
  it('is what the configuration says (npx vitest run tests/core/config.test.ts --update writes it)', async () => {
    await expect(exampleEnvironment()).toMatchFileSnapshot(assetPath('.env.example'))
  })

  it('sets nothing', () => {
    const lines = readFileSync(assetPath('.env.example'), 'utf8').split('\n')
    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([])
  })
})
