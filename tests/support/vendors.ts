import { once } from 'node:events'
import { createAdaptorServer } from '@hono/node-server'
import { createOpenRouterSandbox, type OpenRouterControl } from '../../sandbox/openrouter/index.ts'
import { createStripeSandbox, type StripeSandboxControl } from '../../sandbox/stripe/index.ts'
import { randomIds, systemClock } from './services.ts'

export type Vendors = {
  readonly stripe: StripeSandboxControl
  readonly openrouter: OpenRouterControl
  /** What points a service at them. */
  readonly environment: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** Stripe and OpenRouter outside the service under test, so that they outlive it. */
export async function startVendors(
  webhookUrl: string,
  secrets: { readonly stripeKey?: string; readonly webhookSecret?: string; readonly managementKey?: string } = {},
): Promise<Vendors> {
  const managementKey = secrets.managementKey ?? 'sk-or-v1-management-of-the-tests'
  const secretKey = secrets.stripeKey ?? 'sk_test_ofthetests'
  const webhookSecret = secrets.webhookSecret ?? 'whsec_ofthetests'
  const openrouter = createOpenRouterSandbox({ clock: systemClock, ids: randomIds, managementKey })
  const openrouterServer = createAdaptorServer({ fetch: openrouter.app.fetch }).listen(0, '127.0.0.1')
  await once(openrouterServer, 'listening')

  // Stripe's links begin with its own address, which is known only when it listens.
  let handle: (request: Request, environment: unknown) => Response | Promise<Response> = () =>
    new Response('starting', { status: 503 })
  const stripeServer = createAdaptorServer({ fetch: (request, environment) => handle(request, environment) }).listen(
    0,
    '127.0.0.1',
  )
  await once(stripeServer, 'listening')
  const stripeUrl = `http://127.0.0.1:${portOf(stripeServer)}`
  const stripe = createStripeSandbox({
    clock: systemClock,
    ids: randomIds,
    secretKey,
    webhookSecret,
    webhookUrl,
    publicUrl: stripeUrl,
  })
  handle = (request, environment) => stripe.app.fetch(request, environment as object)

  return {
    stripe: stripe.control,
    openrouter: openrouter.control,
    environment: {
      STRIPE_SECRET_KEY: secretKey,
      STRIPE_WEBHOOK_SECRET: webhookSecret,
      STRIPE_API_ROOT: stripeUrl,
      OPENROUTER_MANAGEMENT_KEY: managementKey,
      OPENROUTER_API_ROOT: `http://127.0.0.1:${portOf(openrouterServer)}/api/v1`,
    },
    async close() {
      stripe.control.stop()
      for (const server of [stripeServer, openrouterServer]) {
        server.close()
        if ('closeAllConnections' in server) server.closeAllConnections()
      }
    },
  }
}

function portOf(server: { address(): unknown }): number {
  const address = server.address()
  if (typeof address !== 'object' || address === null || !('port' in address) || typeof address.port !== 'number')
    throw new Error('no port')
  return address.port
}
