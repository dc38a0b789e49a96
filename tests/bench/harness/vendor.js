import { createServer } from 'node:http'
import { WEBHOOK_SECRET } from './service.js'

/**
 * Stripe and OpenRouter with nothing in them (objects are a 404, lists are empty) and the settings that point there:
 * accounts that look real keep the sandbox's stand-ins out of the measured process.
 */
export async function quietAccounts() {
  const server = createServer((request, response) => {
    const list = /^\/api\/v1\/(models|keys)$/.test(request.url?.split('?')[0] ?? '')
    response.writeHead(list ? 200 : 404, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify(
        list ? { data: [] } : { error: { type: 'invalid_request_error', code: 'resource_missing', message: 'None.' } },
      ),
    )
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  const root = `http://127.0.0.1:${server.address().port}`
  return {
    root,
    env: {
      STRIPE_SECRET_KEY: 'sk_test_bench',
      STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
      STRIPE_API_ROOT: root,
      OPENROUTER_MANAGEMENT_KEY: 'sk-or-v1-bench',
      OPENROUTER_API_ROOT: `${root}/api/v1`,
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
