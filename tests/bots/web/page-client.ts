import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import type { Seen } from '../../contracts/platform.ts'
import { attribute, elements, hasClass, type Node, parseFragment, textOf } from './fragment.ts'

/** What the page's script does, over the same HTTP, without a browser: keeps, retries, follows the events, draws. */
export type PageClient = Awaited<ReturnType<typeof openPage>>

export type Drawn = Seen & { readonly id: string; readonly summary: string; readonly tokens: ReadonlyMap<string, string> }
const RETRY_MS = 30
const PATIENCE_MS = 8000

const PageData = z.object({ after: z.number(), commands: z.array(z.object({ name: z.string(), description: z.string() })) })

export async function openPage(
  root: string,
  options: { readonly cookie?: string; readonly room?: string; readonly language?: string } = {},
) {
  const query = options.room === undefined ? '' : `?room=${options.room}`
  const headers: Record<string, string> = {
    'accept-language': options.language ?? 'en',
    ...(options.cookie && { cookie: options.cookie }),
  }
  const document = await fetch(`${root}/chat${query}`, { headers })
  keepCookies(document)
  const html = await document.text()
  const data = PageData.parse(JSON.parse(/<script type="application\/json" id="page">(.*?)<\/script>/s.exec(html)?.[1] ?? ''))
  const drawn = new Map<string, Drawn>()
  const toasts: string[] = []
  const changed = new Set<() => void>()
  const closing = new AbortController()
  let lastId = data.after

  function keepCookies(answer: Response): void {
    const jar = new Map(
      (headers.cookie ?? '')
        .split('; ')
        .filter(Boolean)
        .map((pair) => [pair.split('=')[0] ?? '', pair] as const),
    )
    for (const set of answer.headers.getSetCookie()) jar.set(set.split('=')[0] ?? '', set.split(';')[0] ?? '')
    headers.cookie = [...jar.values()].join('; ')
  }

  const request = (path: string, init: RequestInit = {}) =>
    fetch(`${root}${path}`, {
      ...init,
      headers: { ...headers, origin: root, 'content-type': 'application/json', ...init.headers },
    })

  async function draw(fragment: string): Promise<void> {
    for (const node of parseFragment(fragment)) {
      if (typeof node === 'string') continue
      const id = attribute(node, 'data-id')
      drawn.set(id, await drawMessage(node, id, request))
    }
    for (const wake of changed) wake()
  }
  const log = /<div class="log"[^>]*>(.*?)<\/div>\n<div class="typing"/s.exec(html)?.[1] ?? ''
  await draw(log)

  async function follow(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        const joint = query ? '&' : '?'
        const answer = await request(`/chat/events${query}${joint}after=${lastId}`, { signal: closing.signal })
        if (answer.ok && answer.body) {
          for await (const event of serverSentEvents(answer.body)) {
            if (event.id) lastId = Number(event.id)
            if (event.name === 'message') await draw(z.object({ html: z.string() }).parse(JSON.parse(event.data)).html)
            if (event.name === 'acknowledged') {
              const { note } = z.object({ note: z.string().optional() }).parse(JSON.parse(event.data))
              if (note !== undefined) toasts.push(note)
              for (const wake of changed) wake()
            }
          }
        }
      } catch (error) {
        if (!closing.signal.aborted && !(error instanceof TypeError)) throw error
      }
      await wait(RETRY_MS)
    }
  }
  const following = follow()

  let queue = Promise.resolve()
  /** Sends until it is taken, one after the other; resolves when this one is. */
  function send(post: object): Promise<void> {
    const body = JSON.stringify({ clientId: randomBytes(8).toString('hex'), ...post })
    queue = queue.then(async () => {
      while (!closing.signal.aborted) {
        const status = await request(`/chat/messages${query}`, { method: 'POST', body }).then(
          (answer) => answer.status,
          () => 503,
        )
        if (status === 202) return
        if (status < 500) throw new Error(`POST /chat/messages answered ${status}`)
        await wait(RETRY_MS)
      }
    })
    return queue
  }

  async function until<T>(find: () => T | undefined | false, what: string): Promise<T> {
    const deadline = AbortSignal.timeout(PATIENCE_MS)
    for (;;) {
      const found = find()
      if (found !== undefined && found !== false) return found
      if (deadline.aborted)
        throw new Error(`Waited for ${what}; there is: ${JSON.stringify([...drawn.values()].map(({ text }) => text))}`)
      await new Promise<void>((resolve) => {
        changed.add(resolve)
        deadline.addEventListener('abort', () => resolve(), { once: true })
      }).finally(() => changed.clear())
    }
  }

  const messages = (): readonly Drawn[] => [...drawn.values()].sort((a, b) => Number(a.id) - Number(b.id))
  return {
    html,
    document,
    commands: data.commands,
    cookie: () => headers.cookie ?? '',
    request,
    send,
    until,
    messages,
    toasts,
    says: (text: string) => send({ kind: 'text', text }),
    presses: (label: string) => {
      const message = messages().findLast(({ tokens }) => tokens.has(label))
      const token = message?.tokens.get(label)
      if (!message || token === undefined) throw new Error(`There is no button "${label}"`)
      return send({ kind: 'press', token, messageId: message.id })
    },
    /** Lets go of the connection, as a sleeping phone does; `messages` stays as it is. */
    async close() {
      closing.abort()
      await following
    },
  }
}

async function drawMessage(node: Node, id: string, request: (path: string) => Promise<Response>): Promise<Drawn> {
  const inside = [...elements([node])]
  const controls = inside.filter((one) => hasClass(one, 'button') || hasClass(one, 'option'))
  const label = (one: Node) => textOf(one.children, (part) => hasClass(part, 'unseen') || part.name === 'svg').trim()
  const image = inside.find(({ name }) => name === 'img')
  const link = inside.find((one) => hasClass(one, 'file'))
  const unshown = (part: Node) =>
    ['time', 'h2', 'svg'].includes(part.name) || ['unseen', 'rows', 'file', 'select', 'form'].some((name) => hasClass(part, name))
  const bubble = inside.find((one) => hasClass(one, 'bubble'))
  const picture = image && (await request(attribute(image, 'src')))
  const file = link && (await request(attribute(link, 'href')))
  return {
    id,
    summary: attribute(node, 'data-summary'),
    text: textOf(bubble?.children ?? [], unshown).replace(/^\s+|\s+$/g, ''),
    buttons: controls.map((one) => ({ label: label(one), link: one.name === 'a' ? attribute(one, 'href') : null })),
    tokens: new Map(
      controls.flatMap((one) => (attribute(one, 'data-token') ? [[label(one), attribute(one, 'data-token')] as const] : [])),
    ),
    picture: picture?.ok ? Buffer.from(await picture.arrayBuffer()) : null,
    file: file?.ok ? { name: attribute(link ?? node, 'download'), content: await file.text() } : null,
    own: hasClass(node, 'own'),
  }
}

type ServerSentEvent = { readonly name: string; readonly data: string; readonly id: string }

async function* serverSentEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const bytes of body) {
    rest += decoder.decode(bytes, { stream: true })
    const blocks = rest.split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const field = (name: string) =>
        block
          .split('\n')
          .filter((line) => line.startsWith(`${name}:`))
          .map((line) => line.slice(name.length + 1).replace(/^ /, ''))
          .join('\n')
      yield { name: field('event') || 'message', data: field('data'), id: field('id') }
    }
  }
}
