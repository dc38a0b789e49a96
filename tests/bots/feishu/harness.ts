import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { type Feishu as Adapter, createFeishu as createAdapter } from '../../../bots/feishu/index.ts'
import type { Draw } from '../../../core/chat/platform.ts'
import type { Clock } from '../../../core/clock.ts'
import { createLocaliser } from '../../../core/i18n/index.ts'
import type { Log } from '../../../core/log.ts'
import type { Harness, HarnessPerson, Seen } from '../../contracts/platform.ts'
import {
  type CardReaction,
  createFeishu,
  type Feishu,
  type FeishuGroup,
  type FeishuPerson,
  type SeenMessage,
} from '../../support/feishu/index.ts'
import { systemClock } from '../../support/services.ts'

export type FeishuHarness = Harness & {
  readonly feishu: Feishu
  readonly people: ReadonlyMap<string, FeishuPerson>
  readonly reactions: readonly CardReaction[]
}

type Parts = { readonly draw: Draw; readonly clock: Clock; readonly log: Log }

const localiser = createLocaliser()

/** The adapter as the service builds it, over either way in. */
export const adapterOf = (
  feishu: Feishu,
  way: 'long connection' | 'webhook',
  parts: Omit<Parts, 'clock'> & { readonly workspaces?: 'group' | 'tenant' },
): Promise<Adapter> =>
  createAdapter({
    appId: feishu.appId,
    appSecret: feishu.appSecret,
    domain: feishu.url,
    workspaces: 'group',
    localiser,
    ...parts,
    // The stand-in signs at the time it is.
    clock: systemClock,
    ...(way === 'webhook' && {
      webhook: { encryptKey: feishu.encryptKey, verificationToken: feishu.verificationToken },
    }),
  })

/** Our HTTP server, as far as a webhook needs it. While there is no adapter nobody listens. */
export async function serve(current: () => Adapter | null) {
  const server = createServer((request, response) => {
    const routes = current()?.routes
    if (!routes) response.destroy()
    else void getRequestListener(routes.fetch)(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/feishu`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

export async function openHarness(way: 'long connection' | 'webhook'): Promise<FeishuHarness> {
  const feishu = await createFeishu()
  let adapter: Adapter | null = null
  const server = way === 'webhook' ? await serve(() => adapter) : null
  feishu.callbacksTo(server?.url ?? null)
  const people = new Map<string, FeishuPerson>()
  const groups = new Map<string, FeishuGroup>()
  const reactions: CardReaction[] = []

  return {
    feishu,
    people,
    reactions,
    async create(parts) {
      const built = await adapterOf(feishu, way, parts)
      adapter = built
      return {
        ...built,
        // With a webhook, nobody is there when the service is gone: Feishu keeps what it could not post.
        stop: async () => {
          if (adapter === built) adapter = null
          await built.stop()
        },
      }
    },
    async person(name) {
      const person = feishu.person({ name, locale: 'en_us' })
      people.set(person.openId, person)
      return {
        userId: person.openId,
        chatId: person.openId,
        says: async (text, group) => void (await person.says(text, groups.get(group?.chatId ?? ''))),
        presses: async (label) => {
          const pressed = person.presses(label)
          pressed.then(
            (reaction) => reactions.push(reaction),
            () => undefined,
          )
        },
        sees: (isWanted, what) =>
          feishu.until(() => {
            const messages = person.chat().messages().map(seen)
            return isWanted(messages) && messages
          }, what),
        seesToast: async (text) =>
          void (await feishu.until(() => person.toasts().some((toast) => toast.includes(text)), `a toast with ${text}`)),
      } satisfies HarnessPerson
    },
    async group() {
      const group = feishu.group()
      groups.set(group.id, group)
      // Whoever speaks to us there has to call us; the stand-in writes it in front.
      return { chatId: group.id, address: '' }
    },
    menu: async () => null,
    async close() {
      await feishu.close()
      await server?.close()
      if (feishu.violations.length > 0) throw new Error(`Against Feishu's rules:\n${feishu.violations.join('\n')}`)
    },
  }
}

const seen = (message: SeenMessage): Seen => ({
  text: message.text,
  buttons: message.buttons.map(({ label, url }) => ({ label, link: url })),
  picture: message.picture,
  file: message.file,
  own: !message.fromBot,
})
