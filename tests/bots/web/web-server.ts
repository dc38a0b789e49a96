import { type ServerType, serve } from '@hono/node-server'
import { createWeb, type WebOptions } from '../../../bots/web/index.ts'
import { createLocaliser } from '../../../core/i18n/index.ts'
import { quietLog, randomIds, systemClock } from '../../support/services.ts'

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAGg4SZAAAAABJRU5ErkJggg==', 'base64')

/** The web chat as the service builds it, with parts of the test's choice. */
export function buildWeb(parts: Partial<WebOptions> & Pick<WebOptions, 'database'>) {
  return createWeb({
    clock: systemClock,
    ids: randomIds,
    log: quietLog,
    draw: async () => PNG,
    localiser: createLocaliser(),
    brandName: 'ClawCloud',
    ...parts,
  })
}

export type Web = ReturnType<typeof buildWeb>

/** Serves whichever web chat is current, on a free loopback port. */
export async function serveWeb(current: () => Web): Promise<{ readonly root: string; close(): Promise<void> }> {
  let server: ServerType | undefined
  const port = await new Promise<number>((resolve) => {
    server = serve({ fetch: (request) => current().routes.fetch(request), port: 0, hostname: '127.0.0.1' }, (info) =>
      resolve(info.port),
    )
  })
  return {
    root: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server?.close(() => resolve())
        if (server && 'closeAllConnections' in server) server.closeAllConnections()
      }),
  }
}
