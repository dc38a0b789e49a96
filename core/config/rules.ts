import { isIP } from 'node:net'
import { DEFAULTS, LOOPBACK_HOSTS, type Name, type Values } from './variables.ts'

export function isLoopback(address: string): boolean {
  return LOOPBACK_HOSTS.includes(new URL(address).hostname)
}

// Names without a dot and private addresses are somebody's own network (a container beside us).
function isOwnNetwork(address: string): boolean {
  const host = new URL(address).hostname.replace(/^\[|\]$/g, '')
  if (isIP(host) === 0) return !host.includes('.') || /\.(local|internal|test|localhost)$/.test(host)
  return /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|::1$|f[cd])/i.test(host)
}

/**
 * What must fit together, and what is dangerous. Each line: the variable, what is wrong, why, and the cure.
 * Live keys and stand-ins are kept apart, so that nobody pays real money for canned answers, or nothing for real ones.
 */
export function problems(values: Values): readonly string[] {
  return [
    ...unavailable(values),
    ...roles(values),
    ...webhooks(values),
    ...discord(values),
    ...feishu(values),
    ...stripe(values),
    ...standIns(values),
    ...unencrypted(values),
    ...masterKey(values),
  ]
}

const UNAVAILABLE: readonly (readonly [Name, string])[] = [['HCLOUD_TOKEN', 'servers at Hetzner are']]

// Refused rather than ignored: whoever sets them counts on them.
function* unavailable(v: Values): Iterable<string> {
  if (v.HOST_PROVIDER !== 'local')
    yield `HOST_PROVIDER=${v.HOST_PROVIDER} is not available in this version yet: remove it; assistants run on this machine (local).`
  for (const [name, what] of UNAVAILABLE)
    if (v[name]) yield `${name} is set, but ${what} not available in this version yet: remove it.`
}

/** What can't work apart: a stand-in lives in one process, remembers there, and is reached by that process's own HTTP server. */
function* roles(v: Values): Iterable<string> {
  const missing = [
    !v.STRIPE_SECRET_KEY && 'STRIPE_SECRET_KEY',
    !v.OPENROUTER_MANAGEMENT_KEY && 'OPENROUTER_MANAGEMENT_KEY',
  ].filter((name) => typeof name === 'string')
  if (missing.length === 0) return
  const played = `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing and played by a stand-in`
  if (!v.ROLES.includes('http'))
    yield `ROLES must include http while ${played}: this process answers the stand-in's calls itself. Remove ROLES, or set ${missing.join(' and ')}.`
  else if (v.ROLES.includes('worker') && !v.ROLES.includes('bots'))
    yield `ROLES splits the service while ${played}: one process would not know what was bought in the other. Remove ROLES, or set ${missing.join(' and ')}.`
}

function* webhooks(v: Values): Iterable<string> {
  const reachable = v.PUBLIC_URL !== undefined
  if (v.TELEGRAM_WEBHOOK_SECRET && !reachable)
    yield 'PUBLIC_URL is missing: TELEGRAM_WEBHOOK_SECRET asks for a webhook at /telegram, and the platform must know where. Set PUBLIC_URL=https://your.address, or remove TELEGRAM_WEBHOOK_SECRET.'
  if (v.PUBLIC_URL && new URL(v.PUBLIC_URL).protocol === 'http:' && !isOwnNetwork(v.PUBLIC_URL)) {
    yield 'PUBLIC_URL must start with https://: secrets are typed on its pages, and the platforms refuse webhooks without it. Put a TLS proxy (Caddy, nginx, a tunnel) in front.'
  }
}

function* discord(v: Values): Iterable<string> {
  const { DISCORD_BOT_TOKEN: token, DISCORD_APPLICATION_ID: application, DISCORD_PUBLIC_KEY: publicKey } = v
  if (token && !application)
    yield 'DISCORD_APPLICATION_ID is missing: DISCORD_BOT_TOKEN is set, and commands belong to an application. Copy its Application ID from General Information.'
  if (!token && (application || publicKey))
    yield `DISCORD_BOT_TOKEN is missing: ${application ? 'DISCORD_APPLICATION_ID' : 'DISCORD_PUBLIC_KEY'} is set, which does nothing without a bot. Copy its token from the developer portal under Bot, or remove ${application ? 'DISCORD_APPLICATION_ID' : 'DISCORD_PUBLIC_KEY'}.`
  if (token && publicKey && v.PUBLIC_URL === undefined)
    yield 'PUBLIC_URL is missing: DISCORD_PUBLIC_KEY asks for interactions at /discord, and Discord must reach them. Set PUBLIC_URL=https://your.address, or remove DISCORD_PUBLIC_KEY.'
  if (token && publicKey && v.ROLES.includes('bots') && !v.ROLES.includes('http'))
    yield 'ROLES must include http while DISCORD_PUBLIC_KEY is set: what Discord sends to /discord is answered by the process that takes it. Add http, or remove DISCORD_PUBLIC_KEY.'
}

function* feishu(v: Values): Iterable<string> {
  const { FEISHU_APP_ID: id, FEISHU_APP_SECRET: secret, FEISHU_ENCRYPT_KEY: key, FEISHU_VERIFICATION_TOKEN: token } = v
  if (id && !secret)
    yield 'FEISHU_APP_SECRET is missing: FEISHU_APP_ID is set, and nobody speaks for an app without its secret. Copy both from Credentials & Basic Info in the developer console.'
  const alone = [secret && 'FEISHU_APP_SECRET', key && 'FEISHU_ENCRYPT_KEY', token && 'FEISHU_VERIFICATION_TOKEN'].find(Boolean)
  if (!id && alone)
    yield `FEISHU_APP_ID is missing: ${alone} is set, which does nothing without an app. Copy its App ID from the developer console, or remove ${alone}.`
  if (!id) return
  if (key && !token)
    yield 'FEISHU_VERIFICATION_TOKEN is missing: FEISHU_ENCRYPT_KEY asks for a webhook, whose requests carry it. Copy it from Events and Callbacks, Encryption Strategy.'
  if (token && !key)
    yield 'FEISHU_ENCRYPT_KEY is missing: FEISHU_VERIFICATION_TOKEN asks for a webhook, and nothing that arrives there can be believed without the key. Set one in Events and Callbacks, Encryption Strategy; or remove FEISHU_VERIFICATION_TOKEN to use the long connection.'
  if (key && v.PUBLIC_URL === undefined)
    yield 'PUBLIC_URL is missing: FEISHU_ENCRYPT_KEY asks for a webhook at /feishu, and Feishu must reach it. Set PUBLIC_URL=https://your.address, or remove FEISHU_ENCRYPT_KEY to use the long connection.'
  if (key && v.ROLES.includes('bots') && !v.ROLES.includes('http'))
    yield 'ROLES must include http while FEISHU_ENCRYPT_KEY is set: what Feishu sends to /feishu is answered by the process that takes it. Add http, or remove FEISHU_ENCRYPT_KEY.'
}

function* stripe(v: Values): Iterable<string> {
  if (!v.STRIPE_SECRET_KEY) return
  if (!v.STRIPE_WEBHOOK_SECRET)
    yield 'STRIPE_WEBHOOK_SECRET is missing: without it nothing that arrives at /stripe can be believed. Add the endpoint in the Stripe dashboard and copy its signing secret.'
  if (!isLive(v)) return
  if (isOwnNetwork(v.STRIPE_API_ROOT))
    yield 'STRIPE_API_ROOT points to your own network while STRIPE_SECRET_KEY is a live key: it would be handed to a stand-in. Remove STRIPE_API_ROOT, or use a test key.'
  if (!v.PUBLIC_URL || isOwnNetwork(v.PUBLIC_URL))
    yield 'PUBLIC_URL must be an address that Stripe and your customers can reach, as STRIPE_SECRET_KEY is a live key. Set PUBLIC_URL=https://your.address.'
}

function isLive(v: Values): boolean {
  return v.STRIPE_SECRET_KEY?.includes('_live_') ?? false
}

function* standIns(v: Values): Iterable<string> {
  if (!v.STRIPE_SECRET_KEY && v.STRIPE_API_ROOT !== DEFAULTS.STRIPE_API_ROOT)
    yield 'STRIPE_SECRET_KEY is missing: STRIPE_API_ROOT is set, and the stand-in answers only when neither is. Set the key too, or remove STRIPE_API_ROOT.'
  if (!v.OPENROUTER_MANAGEMENT_KEY && v.OPENROUTER_API_ROOT !== DEFAULTS.OPENROUTER_API_ROOT)
    yield 'OPENROUTER_MANAGEMENT_KEY is missing: OPENROUTER_API_ROOT is set, and the stand-in answers only when neither is. Set the key too, or remove OPENROUTER_API_ROOT.'
  if (isLive(v) && !v.OPENROUTER_MANAGEMENT_KEY) {
    yield 'OPENROUTER_MANAGEMENT_KEY is missing while STRIPE_SECRET_KEY is a live key: customers would pay real money for the canned answers of the stand-in. Set it, or use a Stripe test key.'
  }
  if (isLive(v) && isLoopback(v.OPENROUTER_API_ROOT)) {
    yield 'OPENROUTER_API_ROOT points to this machine while STRIPE_SECRET_KEY is a live key: customers would pay real money for the answers of a stand-in. Remove OPENROUTER_API_ROOT, or use a Stripe test key.'
  }
  // Who reaches the stand-in's checkout pays with a test card.
  const open = v.PUBLIC_URL !== undefined && !isLoopback(v.PUBLIC_URL)
  if (!v.STRIPE_SECRET_KEY && open && v.OPENROUTER_MANAGEMENT_KEY && !isLoopback(v.OPENROUTER_API_ROOT)) {
    yield "STRIPE_SECRET_KEY is missing while PUBLIC_URL opens the service to the world and OPENROUTER_MANAGEMENT_KEY spends real money: anybody could buy with the stand-in's test card. Set STRIPE_SECRET_KEY, or remove PUBLIC_URL."
  }
}

function* unencrypted(v: Values): Iterable<string> {
  const carried = [
    ['TELEGRAM_API_ROOT', v.TELEGRAM_API_ROOT, 'the bot token'],
    ['DISCORD_API_ROOT', v.DISCORD_API_ROOT, 'the bot token'],
    ['FEISHU_DOMAIN', v.FEISHU_DOMAIN, "the app's secret"],
    ['STRIPE_API_ROOT', v.STRIPE_API_ROOT, 'the secret key'],
    ['OPENROUTER_API_ROOT', v.OPENROUTER_API_ROOT, 'every key'],
    ['ANTHROPIC_API_ROOT', v.ANTHROPIC_API_ROOT, "customers' keys"],
    ['OPENAI_API_ROOT', v.OPENAI_API_ROOT, "customers' keys"],
    ['GOOGLE_API_ROOT', v.GOOGLE_API_ROOT, "customers' keys"],
  ] as const
  for (const [name, address, secret] of carried) {
    if (address.startsWith('http:') && !isOwnNetwork(address)) {
      yield `${name} must start with https://: ${secret} would travel readable for everybody on the way. http:// is for this machine and private networks.`
    }
  }
}

function* masterKey(v: Values): Iterable<string> {
  if (v.MASTER_KEY) return
  const real = [v.STRIPE_SECRET_KEY && 'STRIPE_SECRET_KEY', v.OPENROUTER_MANAGEMENT_KEY && 'OPENROUTER_MANAGEMENT_KEY'].filter(
    (name) => typeof name === 'string',
  )
  if (real.length === 0) return
  yield `MASTER_KEY is missing: with ${real.join(', ')} set, real secrets are kept, and their key must not lie beside them. Make one and keep a copy in a safe place: MASTER_KEY="1:$(openssl rand -base64 32)". To go on with a sandbox's data, use the one in DATA_DIR/master-key.`
}
