import { isIP } from 'node:net'
import { DEFAULTS, LOOPBACK_HOSTS, type Values } from './variables.ts'

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
    ...pairs(values),
    ...webhooks(values),
    ...stripe(values),
    ...standIns(values),
    ...unencrypted(values),
    ...masterKey(values),
  ]
}

function* pairs(v: Values): Iterable<string> {
  if (v.DISCORD_BOT_TOKEN && !v.DISCORD_APPLICATION_ID)
    yield 'DISCORD_APPLICATION_ID is missing: DISCORD_BOT_TOKEN needs it for commands. Copy it from the same page of the developer portal.'
  if (v.FEISHU_APP_ID && !v.FEISHU_APP_SECRET)
    yield 'FEISHU_APP_SECRET is missing: it goes with FEISHU_APP_ID. Copy it from the developer console.'
  if (v.FEISHU_APP_SECRET && !v.FEISHU_APP_ID)
    yield 'FEISHU_APP_ID is missing: it goes with FEISHU_APP_SECRET. Copy it from the developer console.'
  if (v.HOST_PROVIDER === 'hetzner' && !v.HCLOUD_TOKEN)
    yield 'HCLOUD_TOKEN is missing: HOST_PROVIDER=hetzner needs it. Make one in the Hetzner Cloud console, or set HOST_PROVIDER=local.'
}

function* webhooks(v: Values): Iterable<string> {
  const reachable = v.PUBLIC_URL !== undefined
  const needs = (name: string, root: string | undefined) =>
    `PUBLIC_URL is missing: ${name} asks for a webhook${root ? ` at ${root}` : ''}, and the platform must know where. Set PUBLIC_URL=https://your.address, or remove ${name}.`
  if (v.TELEGRAM_WEBHOOK_SECRET && !reachable) yield needs('TELEGRAM_WEBHOOK_SECRET', '/telegram')
  if (v.DISCORD_PUBLIC_KEY && !reachable) yield needs('DISCORD_PUBLIC_KEY', '/discord')
  if (v.FEISHU_ENCRYPT_KEY && !reachable) yield needs('FEISHU_ENCRYPT_KEY', '/feishu')
  if (v.PUBLIC_URL && new URL(v.PUBLIC_URL).protocol === 'http:' && !isOwnNetwork(v.PUBLIC_URL)) {
    yield 'PUBLIC_URL must start with https://: secrets are typed on its pages, and the platforms refuse webhooks without it. Put a TLS proxy (Caddy, nginx, a tunnel) in front.'
  }
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
  if (!v.STRIPE_SECRET_KEY && open) {
    const free = [
      v.OPENROUTER_MANAGEMENT_KEY && !isLoopback(v.OPENROUTER_API_ROOT) && 'OPENROUTER_MANAGEMENT_KEY',
      v.HOST_PROVIDER === 'hetzner' && v.HCLOUD_TOKEN && !isLoopback(v.HCLOUD_API_ROOT) && 'HCLOUD_TOKEN',
    ].filter((name) => typeof name === 'string')
    if (free.length > 0) {
      yield `STRIPE_SECRET_KEY is missing while PUBLIC_URL opens the service to the world and ${free.join(' and ')} ${free.length > 1 ? 'spend' : 'spends'} real money: anybody could buy with the stand-in's test card. Set STRIPE_SECRET_KEY, or remove PUBLIC_URL.`
    }
  }
}

function* unencrypted(v: Values): Iterable<string> {
  const carried = [
    ['TELEGRAM_API_ROOT', v.TELEGRAM_API_ROOT, 'the bot token'],
    ['DISCORD_API_ROOT', v.DISCORD_API_ROOT, 'the bot token'],
    ['FEISHU_DOMAIN', v.FEISHU_DOMAIN, 'the app secret'],
    ['STRIPE_API_ROOT', v.STRIPE_API_ROOT, 'the secret key'],
    ['OPENROUTER_API_ROOT', v.OPENROUTER_API_ROOT, 'every key'],
    ['ANTHROPIC_API_ROOT', v.ANTHROPIC_API_ROOT, "customers' keys"],
    ['OPENAI_API_ROOT', v.OPENAI_API_ROOT, "customers' keys"],
    ['GOOGLE_API_ROOT', v.GOOGLE_API_ROOT, "customers' keys"],
    ['HCLOUD_API_ROOT', v.HCLOUD_API_ROOT, 'the token'],
  ] as const
  for (const [name, address, secret] of carried) {
    if (address.startsWith('http:') && !isOwnNetwork(address)) {
      yield `${name} must start with https://: ${secret} would travel readable for everybody on the way. http:// is for this machine and private networks.`
    }
  }
}

function* masterKey(v: Values): Iterable<string> {
  if (v.MASTER_KEY) return
  const real = [
    v.STRIPE_SECRET_KEY && 'STRIPE_SECRET_KEY',
    v.OPENROUTER_MANAGEMENT_KEY && 'OPENROUTER_MANAGEMENT_KEY',
    v.HCLOUD_TOKEN && 'HCLOUD_TOKEN',
  ].filter((name) => typeof name === 'string')
  if (real.length === 0) return
  yield `MASTER_KEY is missing: with ${real.join(', ')} set, real secrets are kept, and their key must not lie beside them. Make one and keep a copy in a safe place: MASTER_KEY="1:$(openssl rand -base64 32)". To go on with a sandbox's data, use the one in DATA_DIR/master-key.`
}
