import { once } from 'node:events'
import { createAdaptorServer } from '@hono/node-server'
import { createAnthropicSandbox } from '../../sandbox/anthropic/index.ts'
import { createGoogleSandbox } from '../../sandbox/google/index.ts'
import { createOpenAiSandbox } from '../../sandbox/openai/index.ts'
import type { ProviderControl } from '../../sandbox/provider/stand-in.ts'
import { systemClock } from '../support/services.ts'

export type RunningProviders = {
  readonly anthropic: ProviderControl
  readonly openai: ProviderControl
  readonly google: ProviderControl
  /** As the configuration names them. */
  readonly roots: { readonly anthropic: string; readonly openai: string; readonly google: string }
  stop(): Promise<void>
}

/** The three stand-ins as one real HTTP server on a free port. */
export async function startProviders(
  options: { slowSeconds?: number; journal?: (name: string) => string } = {},
): Promise<RunningProviders> {
  const of = (name: string) => ({
    clock: systemClock,
    ...(options.slowSeconds !== undefined && { slowSeconds: options.slowSeconds }),
    ...(options.journal && { journalPath: options.journal(name) }),
  })
  const standIns = {
    anthropic: createAnthropicSandbox(of('anthropic')),
    openai: createOpenAiSandbox(of('openai')),
    google: createGoogleSandbox(of('google')),
  }
  const server = createAdaptorServer({
    fetch: (request, environment) => {
      const name = new URL(request.url).pathname.split('/')[2]
      const standIn = name === 'anthropic' || name === 'openai' || name === 'google' ? standIns[name] : null
      return standIn ? standIn.app.fetch(request, environment) : new Response('no such stand-in', { status: 404 })
    },
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the stand-ins listen on no port')
  const root = `http://127.0.0.1:${address.port}/sandbox`
  return {
    anthropic: standIns.anthropic.control,
    openai: standIns.openai.control,
    google: standIns.google.control,
    roots: { anthropic: `${root}/anthropic`, openai: `${root}/openai/v1`, google: `${root}/google` },
    async stop() {
      server.close()
      if ('closeAllConnections' in server) server.closeAllConnections()
    },
  }
}

export const TEST_KEYS = {
  anthropic: 'sk-ant-api03-sandbox-of-the-tests-0001',
  openai: 'sk-proj-sandbox-of-the-tests-0002',
  google: 'AIzaSandbox-of-the-tests-00000000000003',
  openrouter: 'sk-or-v1-sandboxofthetests00000000000004',
} as const
