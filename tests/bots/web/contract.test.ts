import { NAME_COOKIE, SESSION_COOKIE, userIdOf } from '../../../bots/web/session.ts'
import { type Harness, type HarnessPerson, platformContract } from '../../contracts/platform.ts'
import { createTestDatabase } from '../../support/database.ts'
import { openPage, type PageClient } from './page-client.ts'
import { buildWeb, serveWeb, type Web } from './web-server.ts'

type WebHarness = Harness & { failNext(): void }

async function open(): Promise<WebHarness> {
  const { database, close } = await createTestDatabase()
  let failing = false
  const pool = new Proxy(database.pool, {
    get(target, key) {
      if (failing && key === 'query') {
        failing = false
        return () => Promise.reject(new Error('Connection terminated unexpectedly'))
      }
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  let web: Web = buildWeb({ database })
  const server = await serveWeb(() => web)
  const pages: PageClient[] = []

  async function page(options: Parameters<typeof openPage>[1]): Promise<PageClient> {
    const opened = await openPage(server.root, options)
    pages.push(opened)
    return opened
  }

  return {
    failNext: () => {
      failing = true
    },
    async create(parts) {
      web = buildWeb({ database: { pool, listen: database.listen }, ...parts })
      return web
    },
    async person(name) {
      const own = await page({})
      const cookie = `${own.cookie()}; ${NAME_COOKIE}=${name}`
      await own.close()
      const named = await page({ cookie })
      const userId = userIdOf(new RegExp(`${SESSION_COOKIE}=([^;]+)`).exec(cookie)?.[1] ?? '')
      return {
        userId,
        chatId: `person:${userId}`,
        says: async (text, group) => {
          const where = group ? await page({ cookie, room: group.chatId.replace('room:', '') }) : named
          // Not awaited while the service is away: the page keeps it, and so does this one.
          const sent = where.says(text)
          if (web.health().ok) await sent
        },
        presses: (label) => named.presses(label),
        sees: (isWanted, what) => named.until(() => isWanted(named.messages()) && named.messages(), what),
        seesToast: async (text) =>
          void (await named.until(() => named.toasts.some((toast) => toast.includes(text)), `a toast with ${text}`)),
      } satisfies HarnessPerson
    },
    group: async () => ({ chatId: 'room:contract', address: '' }),
    menu: async (language) => (await page({ language })).commands,
    async close() {
      await Promise.all(pages.map((opened) => opened.close()))
      await server.close()
      await close()
    },
  }
}

platformContract<WebHarness>('The web chat', open, {
  redelivers: true,
  keepsWhileAway: true,
  outageNext: (harness) => harness.failNext(),
})
