import type { Server } from 'node:http'
import { serve } from '@hono/node-server'
import { createOpenRouterSandbox, type OpenRouterControl } from '../../sandbox/openrouter/index.ts'

export const MANAGEMENT_KEY = 'sk-or-v1-management-key-of-the-tests'

/** A clock that stands still until it is told otherwise. */
export function testClock(start = '2026-11-22T12:00:00Z') {
  let now = new Date(start)
  return {
    now: () => now,
    set: (iso: string) => {
      now = new Date(iso)
    },
    advance: (seconds: number) => {
      now = new Date(now.getTime() + seconds * 1000)
    },
  }
}

function testIds() {
  let last = 0
  const next = () => String(++last).padStart(16, '0')
  return { create: (prefix: string) => `${prefix}${next()}`, screen: () => next().slice(-10) }
}

export type RunningOpenRouter = {
  /** With /api/v1. */
  readonly root: string
  readonly control: OpenRouterControl
  readonly clock: ReturnType<typeof testClock>
  stop(): Promise<void>
}

/** The stand-in as a real HTTP server on a free port. */
export async function startOpenRouter(
  options: { journalPath?: string; clock?: ReturnType<typeof testClock> } = {},
): Promise<RunningOpenRouter> {
  const clock = options.clock ?? testClock()
  const { app, control } = createOpenRouterSandbox({
    clock,
    ids: testIds(),
    managementKey: MANAGEMENT_KEY,
    ...(options.journalPath !== undefined && { journalPath: options.journalPath }),
  })
  const server = await new Promise<Server>((resolve) => {
    const started = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, () => {
      if ('closeAllConnections' in started) resolve(started)
    })
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the stand-in listens on no port')
  return {
    root: `http://127.0.0.1:${address.port}/api/v1`,
    control,
    clock,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
