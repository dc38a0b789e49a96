import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import type { Clock, Ids } from '../../../core/clock.ts'
import { createStripeSandbox, type StripeSandboxControl } from '../../../sandbox/stripe/index.ts'

export const SECRET_KEY = 'sk_test_sandbox'
export const WEBHOOK_SECRET = 'whsec_sandbox'

export const systemClock: Clock = { now: () => new Date() }
export const randomIds: Ids = {
  create: (prefix) => `${prefix}_${randomBytes(10).toString('hex').slice(0, 16)}`,
  screen: () => randomBytes(5).toString('hex'),
}

type Received = { readonly body: Buffer; readonly signature: string }

export type RunningSandbox = {
  readonly url: string
  readonly control: StripeSandboxControl
  /** What the webhook endpoint got, if the test did not give one of its own. */
  readonly received: Received[]
  /** Status codes of the next webhook answers; 200 when empty. */
  readonly answers: number[]
  close(): Promise<void>
}

/** The stand-in on a port of its own, with a webhook endpoint that writes down what it gets. */
export async function startStripeSandbox(
  options: { readonly journalPath?: string; readonly webhookUrl?: string; readonly retryDelaysMs?: readonly number[] } = {},
): Promise<RunningSandbox> {
  const received: Received[] = []
  const answers: number[] = []
  const receiver = createServer(async (request, response) => {
    received.push({ body: await readBody(request), signature: String(request.headers['stripe-signature']) })
    response.writeHead(answers.shift() ?? 200).end()
  })
  const webhookUrl = options.webhookUrl ?? (await listen(receiver))

  // The port must be known before the app that puts it into links.
  const server = createServer((request, response) => void listener(request, response))
  const url = await listen(server)
  const { app, control } = createStripeSandbox({
    clock: systemClock,
    ids: randomIds,
    secretKey: SECRET_KEY,
    webhookSecret: WEBHOOK_SECRET,
    webhookUrl,
    publicUrl: url,
    retryDelaysMs: options.retryDelaysMs ?? [20, 50],
    ...(options.journalPath && { journalPath: options.journalPath }),
  })
  const listener = getRequestListener(app.fetch)

  return {
    url,
    control,
    received,
    answers,
    async close() {
      control.stop()
      for (const open of [server, receiver]) {
        open.closeAllConnections()
        if (open.listening) await new Promise((resolve) => open.close(resolve))
      }
    },
  }
}

export async function listen(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return `http://127.0.0.1:${(address satisfies AddressInfo).port}`
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}
