/** An event or callback as it goes out, schema 2.0. */
export type Envelope = {
  readonly schema: '2.0'
  readonly header: {
    readonly event_id: string
    readonly token: string
    readonly create_time: string
    readonly event_type: string
    readonly tenant_key: string
    readonly app_id: string
  }
  readonly event: unknown
}

export type Outcome =
  | { readonly kind: 'answered'; readonly status: number; readonly body: unknown; readonly ms: number }
  /** Not within the time it had. */
  | { readonly kind: 'late'; readonly ms: number }
  /** Nobody was there, or the connection broke before the answer. */
  | { readonly kind: 'unreachable'; readonly ms: number }

/** A way to reach the bot. */
export type Channel = {
  isReachable(): boolean
  attempt(envelope: Envelope, withinMs: number): Promise<Outcome>
}
