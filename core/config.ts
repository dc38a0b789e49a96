import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { isLoopback, problems } from './config/rules.ts'
import { DEFAULTS, LOOPBACK_HOSTS, type Values, Variables } from './config/variables.ts'
import { loadOrCreateKeyRing } from './secrets/index.ts'

/** The one place that reads the environment. Null means not configured (or: the sandbox's stand-in takes its place). */
export type Config = {
  readonly http: {
    readonly bind: string
    readonly port: number
    /** Without a slash at its end. Null: take the address the server listens on. */
    readonly publicUrl: string | null
    /** Lets /metrics be read from other machines. */
    readonly metricsToken: string | null
  }
  /** Absolute. */
  readonly dataDirectory: string
  readonly databaseUrl: string | null
  readonly redisUrl: string | null
  readonly roles: { readonly bots: boolean; readonly http: boolean; readonly worker: boolean }
  /** `1:<base64>,2:<base64>`: see core/secrets. */
  readonly keyRing: string
  readonly telegram: { readonly token: string; readonly apiRoot: string; readonly webhookSecret: string | null } | null
  /** Where the assistants' own channels are, whether or not we speak there ourselves; and who we are there. */
  readonly channels: {
    readonly telegram: { readonly apiRoot: string; readonly botToken: string | null }
    readonly discord: { readonly apiRoot: string; readonly applicationId: string | null }
    readonly feishu: { readonly domain: string; readonly appId: string | null }
  }
  /** Signed interactions at `/discord` where the public key is set, else the gateway. */
  readonly discord: {
    readonly token: string
    readonly applicationId: string
    readonly publicKey: string | null
    readonly apiRoot: string
  } | null
  /** A webhook at `/feishu` where its keys are set, else the long connection. */
  readonly feishu: {
    readonly appId: string
    readonly appSecret: string
    readonly domain: string
    readonly webhook: { readonly encryptKey: string; readonly verificationToken: string } | null
    readonly workspaces: 'group' | 'tenant'
  } | null
  readonly stripe: { readonly secretKey: string; readonly webhookSecret: string; readonly apiRoot: string } | null
  readonly openrouter: { readonly managementKey: string; readonly apiRoot: string } | null
  /** Where customers' own keys are checked and used. Null in the sandbox, unless one is set: a stand-in answers. */
  readonly providers: { readonly anthropic: string | null; readonly openai: string | null; readonly google: string | null }
  readonly openclawVersion: string
  /** Kept started for the next deploys; 0 is none. */
  readonly standbyGateways: number
  /** Reserved: there are no operator commands yet. */
  readonly operators: readonly { readonly platform: 'telegram' | 'discord' | 'feishu' | 'web'; readonly userId: string }[]
  readonly logLevel: Values['LOG_LEVEL']
  readonly brandName: string
  readonly supportContact: string | null
  /** Payments or AI credit come from a stand-in: nothing here is real yet. */
  readonly sandbox: boolean
  /** The web chat knows no login: only in the sandbox, and only while nobody else can reach it. */
  readonly webChat: boolean
  /** For the log at start. */
  readonly warnings: readonly string[]
}

type Environment = Readonly<Record<string, string | undefined>>

export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  constructor(readonly problems: readonly string[]) {
    super(`ClawCloud cannot start with this configuration:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
  }
}

/**
 * Reads `.env` in the working directory and the environment (which wins), and makes the sandbox's key ring if there is none.
 * Throws ConfigError with every problem at once.
 */
export function loadConfig(environment = surroundings()): Config {
  const config = readConfig(environment)
  if (config.keyRing !== '') return config
  const kept = join(config.dataDirectory, 'master-key')
  loadOrCreateKeyRing(kept)
  return { ...config, keyRing: readFileSync(kept, 'utf8').trim() }
}

function surroundings(): Environment {
  const file = resolve('.env')
  const written = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}
  return { ...written, ...process.env }
}

/** The same without touching anything; `keyRing` is empty where the sandbox shall make its own. */
export function readConfig(environment: Environment): Config {
  // FOO= in a compose file means unset.
  const set = Object.fromEntries(Object.entries(environment).filter(([name, value]) => name in Variables.shape && value?.trim()))
  const wrong: string[] = []
  const first = Variables.safeParse({ ...DEFAULTS, ...set })
  if (!first.success) {
    for (const { path, message } of first.error.issues) {
      const name = String(path[0])
      wrong.push(`${name} ${message}.`)
      delete set[name]
    }
  }
  // What can't be read is left out, so that the rest is still checked in the same go.
  const values = first.success ? first.data : Variables.parse({ ...DEFAULTS, ...set })
  const broken = new Set(wrong.map((line) => line.split(' ', 1)[0]))
  wrong.push(...problems(values).filter((line) => !broken.has(line.split(' ', 1)[0])))
  if (wrong.length > 0) throw new ConfigError(wrong)
  return assemble(values, set, warnings(values, environment))
}

function assemble(v: Values, set: Environment, warnings: readonly string[]): Config {
  const sandbox = !v.STRIPE_SECRET_KEY || !v.OPENROUTER_MANAGEMENT_KEY
  const providerRoot = (name: 'ANTHROPIC_API_ROOT' | 'OPENAI_API_ROOT' | 'GOOGLE_API_ROOT') =>
    sandbox && set[name] === undefined ? null : v[name]
  return {
    http: { bind: v.BIND, port: v.PORT, publicUrl: v.PUBLIC_URL ?? null, metricsToken: v.METRICS_TOKEN ?? null },
    dataDirectory: resolve(v.DATA_DIR),
    databaseUrl: v.DATABASE_URL ?? null,
    redisUrl: v.REDIS_URL ?? null,
    roles: { bots: v.ROLES.includes('bots'), http: v.ROLES.includes('http'), worker: v.ROLES.includes('worker') },
    keyRing: v.MASTER_KEY ?? '',
    channels: {
      telegram: { apiRoot: v.TELEGRAM_API_ROOT, botToken: v.TELEGRAM_BOT_TOKEN ?? null },
      discord: { apiRoot: v.DISCORD_API_ROOT, applicationId: v.DISCORD_APPLICATION_ID ?? null },
      feishu: { domain: v.FEISHU_DOMAIN, appId: v.FEISHU_APP_ID ?? null },
    },
    telegram: v.TELEGRAM_BOT_TOKEN
      ? { token: v.TELEGRAM_BOT_TOKEN, apiRoot: v.TELEGRAM_API_ROOT, webhookSecret: v.TELEGRAM_WEBHOOK_SECRET ?? null }
      : null,
    discord:
      v.DISCORD_BOT_TOKEN && v.DISCORD_APPLICATION_ID
        ? {
            token: v.DISCORD_BOT_TOKEN,
            applicationId: v.DISCORD_APPLICATION_ID,
            publicKey: v.DISCORD_PUBLIC_KEY ?? null,
            apiRoot: v.DISCORD_API_ROOT,
          }
        : null,
    feishu:
      v.FEISHU_APP_ID && v.FEISHU_APP_SECRET
        ? {
            appId: v.FEISHU_APP_ID,
            appSecret: v.FEISHU_APP_SECRET,
            domain: v.FEISHU_DOMAIN,
            webhook:
              v.FEISHU_ENCRYPT_KEY && v.FEISHU_VERIFICATION_TOKEN
                ? { encryptKey: v.FEISHU_ENCRYPT_KEY, verificationToken: v.FEISHU_VERIFICATION_TOKEN }
                : null,
            workspaces: v.FEISHU_WORKSPACE,
          }
        : null,
    stripe:
      v.STRIPE_SECRET_KEY && v.STRIPE_WEBHOOK_SECRET
        ? { secretKey: v.STRIPE_SECRET_KEY, webhookSecret: v.STRIPE_WEBHOOK_SECRET, apiRoot: v.STRIPE_API_ROOT }
        : null,
    openrouter: v.OPENROUTER_MANAGEMENT_KEY
      ? { managementKey: v.OPENROUTER_MANAGEMENT_KEY, apiRoot: v.OPENROUTER_API_ROOT }
      : null,
    providers: {
      anthropic: providerRoot('ANTHROPIC_API_ROOT'),
      openai: providerRoot('OPENAI_API_ROOT'),
      google: providerRoot('GOOGLE_API_ROOT'),
    },
    openclawVersion: v.OPENCLAW_VERSION,
    standbyGateways: v.STANDBY_GATEWAYS,
    operators: v.OPERATORS,
    logLevel: v.LOG_LEVEL,
    brandName: v.BRAND_NAME,
    supportContact: v.SUPPORT_CONTACT ?? null,
    sandbox,
    webChat: sandbox && (!v.PUBLIC_URL || isLoopback(v.PUBLIC_URL)),
    warnings,
  }
}

/** Prefixes under which a variable that we don't know is most likely a slip. */
const OURS = /^(TELEGRAM|DISCORD|FEISHU|STRIPE|OPENROUTER|HCLOUD|OPENCLAW)_|^(ANTHROPIC|OPENAI|GOOGLE)_API_R/

function warnings(v: Values, environment: Environment): readonly string[] {
  const found = Object.keys(environment)
    .filter((name) => OURS.test(name) && environment[name] && !(name in Variables.shape))
    .map((name) => `${name} is set, but ClawCloud has no such variable. See .env.example for the names it knows.`)
  const sandbox = !v.STRIPE_SECRET_KEY || !v.OPENROUTER_MANAGEMENT_KEY
  if (sandbox && !LOOPBACK_HOSTS.includes(v.BIND) && (!v.PUBLIC_URL || isLoopback(v.PUBLIC_URL))) {
    found.push(
      `BIND=${v.BIND} lets other machines reach the sandbox's web chat, which has no login and starts assistants on this one. Keep it behind a firewall, or remove BIND.`,
    )
  }
  if (v.OPERATORS.length > 0) found.push('OPERATORS is set, but this version has no operator commands yet: it changes nothing.')
  if (sandbox && !v.ROLES.includes('worker'))
    found.push(
      'ROLES leaves out worker in the sandbox: messages are answered, but nothing is deployed, as no other process can do it.',
    )
  return found
}

/** The text of .env.example: every variable with its meaning and what holds without it. */
export function exampleEnvironment(): string {
  const lines = Object.entries(Variables.shape).flatMap(([name, schema]) => {
    const fallback = Object.entries(DEFAULTS).find(([known]) => known === name)?.[1] ?? ''
    return ['', `# ${schema.description ?? ''}`, `# ${name}=${fallback}`]
  })
  return [
    '# Copy to .env and uncomment what you change. Nothing is required: what is not set is played by the sandbox.',
    ...lines,
    '',
  ].join('\n')
}
