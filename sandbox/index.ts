import { join } from 'node:path'
import type { Hono } from 'hono'
import type { Clock, Ids } from '../core/clock.ts'
import type { Config } from '../core/config.ts'

/** Where everybody is whom this service does business with. */
export type Vendors = {
  readonly stripe: { readonly secretKey: string; readonly webhookSecret: string; readonly apiRoot: string }
  readonly openrouter: { readonly managementKey: string; readonly apiRoot: string }
  readonly providers: { readonly anthropic: string; readonly openai: string; readonly google: string }
  stop(): Promise<void>
}

/** What stand-ins need of the process they run in; `routes` is where they are mounted. */
type House = {
  readonly localUrl: string
  readonly publicUrl: string
  readonly routes: Hono[]
  readonly clock: Clock
  readonly ids: Ids
}

/** The real vendors where they are configured, stand-ins on our own address where they are not. */
export async function vendorsOf(config: Config, house: House): Promise<Vendors> {
  const { localUrl, publicUrl, routes, clock, ids } = house
  const journals = join(config.dataDirectory, 'sandbox')
  let stop = async () => {}
  let { stripe, openrouter } = config
  if (!stripe) {
    const { createStripeSandbox } = await import('./stripe/index.ts')
    stripe = { secretKey: 'sk_test_sandbox', webhookSecret: 'whsec_sandbox', apiRoot: localUrl }
    const sandbox = createStripeSandbox({
      clock,
      ids,
      journalPath: join(journals, 'stripe.jsonl'),
      ...stripe,
      webhookUrl: `${localUrl}/stripe`,
      publicUrl,
      sellerName: config.brandName,
    })
    routes.push(sandbox.app)
    stop = async () => sandbox.control.stop()
  }
  if (!openrouter) {
    const { createOpenRouterSandbox } = await import('./openrouter/index.ts')
    openrouter = { managementKey: 'sk-or-v1-sandbox', apiRoot: `${localUrl}/api/v1` }
    routes.push(
      createOpenRouterSandbox({
        clock,
        ids,
        managementKey: openrouter.managementKey,
        journalPath: join(journals, 'openrouter.jsonl'),
      }).app,
    )
  }
  return { stripe, openrouter, providers: await providersOf(config, house), stop }
}

/** Providers of customers' own keys: stand-ins in the sandbox, where no other address is set. */
async function providersOf(config: Config, { localUrl, routes, clock }: House): Promise<Vendors['providers']> {
  let { anthropic, openai, google } = config.providers
  const options = (name: string) => ({ clock, journalPath: join(config.dataDirectory, 'sandbox', `${name}.jsonl`) })
  if (anthropic === null) {
    const { createAnthropicSandbox } = await import('./anthropic/index.ts')
    routes.push(createAnthropicSandbox(options('anthropic')).app)
    anthropic = `${localUrl}/sandbox/anthropic`
  }
  if (openai === null) {
    const { createOpenAiSandbox } = await import('./openai/index.ts')
    routes.push(createOpenAiSandbox(options('openai')).app)
    openai = `${localUrl}/sandbox/openai/v1`
  }
  if (google === null) {
    const { createGoogleSandbox } = await import('./google/index.ts')
    routes.push(createGoogleSandbox(options('google')).app)
    google = `${localUrl}/sandbox/google`
  }
  return { anthropic, openai, google }
}
