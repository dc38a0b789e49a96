import { badRequest, Fault } from './fault.ts'

export type NativeUpdate = { readonly update_id: number } & Readonly<Record<string, unknown>>
type Batch = readonly NativeUpdate[]
type Waiter = { readonly give: (batch: Batch) => void; readonly refuse: (fault: Fault) => void; readonly limit: number }
type Webhook = { readonly url: string; readonly secret: string | undefined; readonly stop: AbortController }

/** Telegram waits longer from try to try; so do we, on a test's scale. */
const FIRST_REPEAT_MS = 25
const LAST_REPEAT_MS = 500

/** The queue of updates and the two ways out of it: getUpdates with its offset, and the webhook that is repeated until it answers 2xx. */
export class Updates {
  private nextId = 1000
  private queue: NativeUpdate[] = []
  private waiter: Waiter | null = null
  private webhook: Webhook | null = null
  private allowed: readonly string[] = []
  private readonly changed: () => void

  constructor(changed: () => void) {
    this.changed = changed
  }

  /** Updates the bot has not confirmed yet. */
  get pending(): number {
    return this.queue.length
  }
  /** Whether a getUpdates is waiting just now. */
  get isPolled(): boolean {
    return this.waiter !== null
  }

  /** Null when the bot did not ask for updates of this kind. */
  push(kind: string, content: unknown): NativeUpdate | null {
    if (this.allowed.length > 0 && !this.allowed.includes(kind)) return null
    const update = { update_id: this.nextId++, [kind]: content }
    this.queue.push(update)
    if (this.webhook) void this.post(update, this.webhook)
    else this.serveWaiter()
    return update
  }

  read(
    {
      offset,
      limit = 100,
      timeout = 0,
      allowed_updates,
    }: {
      offset?: number | undefined
      limit?: number | undefined
      timeout?: number | undefined
      allowed_updates?: readonly string[] | undefined
    },
    closed: AbortSignal,
  ): Batch | Promise<Batch> {
    if (this.webhook) {
      throw new Fault(
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
      )
    }
    this.waiter?.refuse(
      new Fault(409, 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running'),
    )
    if (allowed_updates) this.allowed = allowed_updates
    if (offset !== undefined && offset < 0) this.queue = this.queue.slice(offset)
    else if (offset !== undefined) this.queue = this.queue.filter(({ update_id }) => update_id >= offset)
    this.changed()
    if (this.queue.length > 0 || timeout === 0) return this.queue.slice(0, limit)

    return new Promise((resolve, reject) => {
      const settle = <T>(finish: (value: T) => void) => {
        return (value: T) => {
          clearTimeout(timer)
          closed.removeEventListener('abort', leave)
          if (this.waiter === waiter) this.waiter = null
          finish(value)
        }
      }
      const waiter: Waiter = { limit, give: settle(resolve), refuse: settle(reject) }
      const leave = () => waiter.give([])
      const timer = setTimeout(() => waiter.give([]), timeout * 1000)
      closed.addEventListener('abort', leave)
      this.waiter = waiter
      this.changed()
    })
  }

  /** Sends away who is waiting. */
  refuse(fault: Fault): void {
    this.waiter?.refuse(fault)
  }

  private serveWaiter(): void {
    const { waiter } = this
    if (waiter) waiter.give(this.queue.slice(0, waiter.limit))
  }

  setWebhook({
    url,
    secret_token: secret,
    allowed_updates,
    drop_pending_updates,
  }: {
    url?: string | undefined
    secret_token?: string | undefined
    allowed_updates?: readonly string[] | undefined
    drop_pending_updates?: boolean | undefined
  }): true {
    if (!url || !URL.canParse(url)) throw badRequest('bad webhook: invalid webhook URL specified')
    if (secret !== undefined && !/^[A-Za-z0-9_-]{1,256}$/.test(secret)) {
      throw badRequest('bad webhook: secret token contains unallowed characters')
    }
    this.deleteWebhook(drop_pending_updates ?? false)
    if (allowed_updates) this.allowed = allowed_updates
    const webhook = { url, secret, stop: new AbortController() }
    this.webhook = webhook
    for (const update of this.queue) void this.post(update, webhook)
    this.changed()
    return true
  }

  deleteWebhook(dropPending: boolean): true {
    this.webhook?.stop.abort()
    this.webhook = null
    if (dropPending) this.queue = []
    return true
  }

  webhookInfo() {
    return { url: this.webhook?.url ?? '', has_custom_certificate: false, pending_update_count: this.queue.length }
  }

  /** Posts until it is answered with 2xx. */
  private async post(update: NativeUpdate, { url, secret, stop }: Webhook): Promise<void> {
    const headers = { 'content-type': 'application/json', ...(secret && { 'x-telegram-bot-api-secret-token': secret }) }
    for (let repeat = FIRST_REPEAT_MS; !stop.signal.aborted; repeat = Math.min(repeat * 2, LAST_REPEAT_MS)) {
      const accepted = await fetch(url, { method: 'POST', headers, body: JSON.stringify(update), signal: stop.signal }).then(
        (answer) => answer.ok,
        () => false,
      )
      if (accepted) {
        this.queue = this.queue.filter((one) => one !== update)
        this.changed()
        return
      }
      await new Promise((resolve) => setTimeout(resolve, repeat))
    }
  }
}
