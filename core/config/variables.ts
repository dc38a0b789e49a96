import { isIP } from 'node:net'
import { z } from 'zod'
import { KeyRingError, parseKeyRing } from '../secrets/index.ts'

/**
 * Every environment variable, with what it means in a line of .env.example. The names are a contract: scripts, images and
 * people's notes hold them. Parsing only; what must fit together is in rules.ts.
 */
export const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '::1', '[::1]']

const ROLES = ['bots', 'http', 'worker'] as const
/** As in bots/feishu. */
const WORKSPACES = ['group', 'tenant'] as const
const PLATFORMS = ['telegram', 'discord', 'feishu', 'web'] as const
/** Names that are kept for what is to come; see rules.ts for those that are refused. */
const RESERVED = 'Reserved: not available in this version yet.'
const STANDBY_PROBLEM = 'must be a whole number, 0 (none) or more'
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

export const Variables = z.object({
  PORT: z.coerce
    .number('must be a port number, like 8787')
    .int('must be a port number, like 8787')
    .min(0, 'must be between 0 (any free one) and 65535')
    .max(65535, 'must be between 0 (any free one) and 65535')
    .describe('Port of the HTTP server: webhooks, secret pages, health, and the web chat of the sandbox.'),
  PUBLIC_URL: root()
    .optional()
    .describe('The address the world sees, with https. Needed for webhooks and secret pages. Default: this machine.'),
  BIND: z
    .string()
    .refine((value) => isIP(value) !== 0 || value === 'localhost', 'must be an IP address, like 127.0.0.1 or 0.0.0.0')
    .describe('Address to listen on. 0.0.0.0 for all, as in a container.'),
  DATA_DIR: z.string().describe('Everything kept on disk: built-in database, OpenClaw runtimes, local instances.'),
  DATABASE_URL: url(['postgres:', 'postgresql:'], 'must look like postgres://user:password@host:5432/name')
    .optional()
    .describe('A PostgreSQL (14 or newer) instead of the built-in one: postgres://user:password@host:5432/name'),
  REDIS_URL: url(['redis:', 'rediss:'], 'must look like redis://host:6379, or rediss:// for TLS')
    .optional()
    .describe('A Redis or Valkey for the queue instead of PostgreSQL: redis://host:6379'),
  ROLES: list()
    .pipe(z.array(z.enum(ROLES, 'may only name bots, http and worker')).min(1, 'must name at least one of bots, http, worker'))
    .describe(
      'What this process does, to split the service over processes. In the sandbox all three stay together; one process in all has worker.',
    ),
  MASTER_KEY: z
    .string()
    .superRefine(checkKeyRing)
    .optional()
    .describe(
      'Keys for encryption at rest, <number>:<base64 of 32 bytes>, several separated by commas; the highest number encrypts. The sandbox makes one itself.',
    ),
  METRICS_TOKEN: z
    .string()
    .min(16, 'must have at least 16 characters')
    .optional()
    .describe('Lets /metrics be read from elsewhere, as a bearer token. Without it: from this machine only.'),
  TELEGRAM_BOT_TOKEN: z
    .string()
    .regex(/^\d+:[\w-]{20,}$/, 'must look like 123456789:AA…, as @BotFather gives it')
    .optional()
    .describe('From @BotFather. Without it there is no Telegram.'),
  TELEGRAM_API_ROOT: root().describe('A Bot API server of your own.'),
  TELEGRAM_WEBHOOK_SECRET: z
    .string()
    .regex(/^[\w-]{16,256}$/, 'must be 16 to 256 letters, digits, _ or -')
    .optional()
    .describe('Switches from polling to a webhook at PUBLIC_URL/telegram.'),
  DISCORD_BOT_TOKEN: z
    .string()
    .regex(
      /^[\w-]+\.[\w-]+\.[\w-]+$/,
      'must look like MTIz….…, three parts with dots, as the developer portal gives it under Bot',
    )
    .optional()
    .describe('From https://discord.com/developers, under Bot. Without it there is no Discord.'),
  DISCORD_APPLICATION_ID: z
    .string()
    .regex(/^\d{15,21}$/, 'must be the number of the application, from its General Information')
    .optional()
    .describe('The application the bot belongs to; goes with DISCORD_BOT_TOKEN.'),
  DISCORD_PUBLIC_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/i, 'must be 64 hexadecimal digits, from General Information of the application')
    .optional()
    .describe('Switches from the gateway to signed interactions at PUBLIC_URL/discord, for several replicas.'),
  DISCORD_API_ROOT: root().describe('For tests.'),
  FEISHU_APP_ID: z
    .string()
    .regex(/^cli_[0-9a-f]{16}$/i, 'must look like cli_ and 16 letters and digits, as the developer console shows it')
    .optional()
    .describe('A self-built app of Feishu or Lark, from its developer console. Without it there is no Feishu.'),
  FEISHU_APP_SECRET: z.string().optional().describe("The app's secret; goes with FEISHU_APP_ID."),
  FEISHU_DOMAIN: root().describe('Where the app was made: https://open.feishu.cn, or https://open.larksuite.com for Lark.'),
  FEISHU_ENCRYPT_KEY: z
    .string()
    .optional()
    .describe('Switches from the long connection to a webhook at PUBLIC_URL/feishu; from Events and Callbacks of the app.'),
  FEISHU_VERIFICATION_TOKEN: z.string().optional().describe('The token beside it; goes with FEISHU_ENCRYPT_KEY.'),
  FEISHU_WORKSPACE: z
    .enum(WORKSPACES, 'must be group or tenant')
    .describe(
      'Whose assistants those of a group are: group, its own, run by its owner and administrators; or tenant, one and the same in all groups, run by the administrators of the organisation.',
    ),
  STRIPE_SECRET_KEY: z
    .string()
    .regex(
      /^[sr]k_(live|test)_\w+$/,
      'must be a secret key (sk_test_…, sk_live_…) or a restricted one (rk_…), not the publishable key',
    )
    .optional()
    .describe('Without it a stand-in takes the payments.'),
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .regex(/^whsec_\w+$/, 'must be the signing secret of the endpoint, whsec_…')
    .optional()
    .describe('Signing secret of the webhook at PUBLIC_URL/stripe.'),
  STRIPE_API_ROOT: root().describe('For tests.'),
  OPENROUTER_MANAGEMENT_KEY: z
    .string()
    .optional()
    .describe('A provisioning key of OpenRouter. Without it a stand-in sells the AI credit.'),
  OPENROUTER_API_ROOT: root().describe('Sub-keys, catalogue and models; instances are pointed at it too.'),
  ANTHROPIC_API_ROOT: root().describe(
    "Where customers' own Anthropic keys are checked and used. In the sandbox a stand-in answers unless this is set.",
  ),
  OPENAI_API_ROOT: root().describe('The same for OpenAI, with /v1.'),
  GOOGLE_API_ROOT: root().describe("The same for Google's Gemini API, without a version."),
  HOST_PROVIDER: z
    .enum(['local', 'docker', 'hetzner'], 'must be local, docker or hetzner')
    .describe('Where instances run: local, on this machine. docker and hetzner are reserved: not available in this version yet.'),
  HCLOUD_TOKEN: z.string().optional().describe(`Hetzner Cloud. ${RESERVED}`),
  HCLOUD_API_ROOT: root().describe(RESERVED),
  HCLOUD_LOCATIONS: list().pipe(z.array(z.string()).min(1, 'must name a location')).describe(RESERVED),
  HCLOUD_SERVER_TYPES: list().pipe(z.array(z.string()).min(1, 'must name a server type')).describe(RESERVED),
  HCLOUD_IMAGE: z.string().describe(RESERVED),
  OPENCLAW_VERSION: z
    .string()
    .regex(/^\d+\.\d+\.\d+(-[\w.]+)?$/, 'must be one exact version, like 2026.9.6')
    .describe('The version new instances get.'),
  STANDBY_GATEWAYS: z.coerce
    .number(STANDBY_PROBLEM)
    .int(STANDBY_PROBLEM)
    .min(0, STANDBY_PROBLEM)
    .describe('How many gateways wait started, so that a paid deploy takes seconds; each takes up to 1.5 GB of memory. 0: none.'),
  OPERATORS: list()
    .pipe(
      z.array(
        z.string().transform((entry, context) => {
          const [, platform, userId] = /^(\w+):(.+)$/.exec(entry) ?? []
          const known = PLATFORMS.find((one) => one === platform)
          if (known && userId) return { platform: known, userId }
          context.addIssue(`has an entry "${entry}" that is not platform:user, like telegram:123`)
          return z.NEVER
        }),
      ),
    )
    .describe('Reserved: there are no operator commands in this version yet. telegram:123,…'),
  LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).describe(`One of ${LOG_LEVELS.join(', ')}.`),
  BRAND_NAME: z.string().max(40, 'must have at most 40 characters').describe('What the service calls itself in messages.'),
  SUPPORT_CONTACT: z
    .string()
    .max(200, 'must have at most 200 characters')
    .optional()
    .describe('Where customers turn to when the bot cannot help: an address or a link.'),
})

export type Values = z.output<typeof Variables>
export type Name = keyof Values

/** What holds where nothing is set. */
export const DEFAULTS: { readonly [N in Name]?: string } = {
  PORT: '8787',
  BIND: '127.0.0.1',
  DATA_DIR: '.data',
  ROLES: 'bots,http,worker',
  TELEGRAM_API_ROOT: 'https://api.telegram.org',
  DISCORD_API_ROOT: 'https://discord.com/api',
  FEISHU_DOMAIN: 'https://open.feishu.cn',
  FEISHU_WORKSPACE: 'group',
  STRIPE_API_ROOT: 'https://api.stripe.com',
  OPENROUTER_API_ROOT: 'https://openrouter.ai/api/v1',
  ANTHROPIC_API_ROOT: 'https://api.anthropic.com',
  OPENAI_API_ROOT: 'https://api.openai.com/v1',
  GOOGLE_API_ROOT: 'https://generativelanguage.googleapis.com',
  HOST_PROVIDER: 'local',
  HCLOUD_API_ROOT: 'https://api.hetzner.cloud/v1',
  HCLOUD_LOCATIONS: 'nbg1,fsn1,hel1',
  HCLOUD_SERVER_TYPES: 'cx23,cx33',
  HCLOUD_IMAGE: 'debian-13',
  OPENCLAW_VERSION: '2026.9.6',
  STANDBY_GATEWAYS: '1',
  OPERATORS: '',
  LOG_LEVEL: 'info',
  BRAND_NAME: 'ClawCloud',
}

function url(protocols: readonly string[], problem: string) {
  return z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), problem)
}

/** An address other addresses are appended to; without the slash at its end. */
function root() {
  return url(['http:', 'https:'], 'must be an address with http:// or https://').transform((value) => value.replace(/\/+$/, ''))
}

function list() {
  return z.string().transform((value) =>
    value
      .split(',')
      .map((entry) => entry.trim())
      .filter((entry) => entry !== ''),
  )
}

function checkKeyRing(ring: string, context: z.core.$RefinementCtx<string>): void {
  try {
    parseKeyRing(ring)
  } catch (error) {
    if (!(error instanceof KeyRingError)) throw error
    context.addIssue(`is not usable: ${error.message.replace(/\.$/, '')}`)
  }
}
