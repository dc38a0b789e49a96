import { once } from 'node:events'
import { serve } from '@hono/node-server'
import type { Hono } from 'hono'
import { z } from 'zod'
import { type Discord as Adapter, createDiscord as createAdapter, type DiscordOptions } from '../../../bots/discord/index.ts'
import type { Discord } from '../../support/discord/index.ts'

/** The private chat with somebody, as its channel's id. */
export async function privateChannel(discord: Discord, userId: string): Promise<string> {
  const answer = await fetch(`${discord.url}/v10/users/@me/channels`, {
    method: 'POST',
    headers: { authorization: `Bot ${discord.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ recipient_id: userId }),
  })
  return z.object({ id: z.string() }).parse(await answer.json()).id
}

type Parts = Pick<DiscordOptions, 'clock' | 'log' | 'draw'> & { readonly over?: 'gateway' | 'http' }

/** The adapter as the service builds it; over HTTP with a server for its route, which Discord is told of. */
export async function connect(
  discord: Discord,
  { over = 'gateway', ...parts }: Parts,
): Promise<{ readonly platform: Adapter; close(): Promise<void> }> {
  const platform = await createAdapter({
    token: discord.token,
    applicationId: discord.applicationId,
    apiRoot: discord.url,
    random: () => 0,
    ...(over === 'http' && { publicKeyHex: discord.publicKeyHex }),
    ...parts,
  })
  if (!platform.routes) return { platform, close: async () => {} }
  const server = await listen(platform.routes)
  discord.interactionsTo(`${server.url}/discord`)
  return { platform, close: server.close }
}

async function listen(routes: Hono): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = serve({ fetch: routes.fetch, port: 0, hostname: '127.0.0.1' })
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        if ('closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}
