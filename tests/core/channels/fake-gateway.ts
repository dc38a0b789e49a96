import { z } from 'zod'
import type {
  ChannelAccess,
  ChannelKind,
  ChannelSetup,
  ChannelState,
  Gateway,
  GatewayChannels,
  PairingRequest,
} from '../../../core/gateway/index.ts'
import { failed, ok, type Problem, type Result } from '../../../core/problem.ts'

/** An OpenClaw as far as its channels go: what it was told, and what the test wants it to say. */
export function createFakeGateway() {
  const channels = new Map<ChannelKind, ChannelSetup>()
  const states = new Map<ChannelKind, ChannelState>()
  const said: { kind: ChannelKind; to: string; text: string }[] = []
  const dismissed: string[] = []
  let pairings: PairingRequest[] = []
  let problem: Problem | null = null
  let heard = false
  let meanwhile: () => Promise<unknown> = async () => undefined
  const closed = new Set<string>()

  const answer = async <T>(value: () => T): Promise<Result<T>> => (problem ? failed(problem) : ok(value()))
  const api: GatewayChannels = {
    prepare: () => answer(() => undefined),
    connect: (setup) => answer(() => void channels.set(setup.kind, setup)),
    disconnect: (kind) => answer(() => void channels.delete(kind)),
    replaceSecret: (kind, secret) =>
      answer(() => {
        const setup = channels.get(kind)
        if (setup) channels.set(kind, { ...setup, secret })
      }),
    setAccess: (kind, access: ChannelAccess) =>
      answer(() => {
        const setup = channels.get(kind)
        if (setup) channels.set(kind, { ...setup, ...access })
      }),
    status: async (kind) => {
      await meanwhile()
      return answer(() => ({ state: channels.has(kind) ? (states.get(kind) ?? 'connected') : 'missing', detail: '', heard }))
    },
    pairings: () => answer(() => pairings),
    dismissPairing: (_kind, requestId) => answer(() => void dismissed.push(requestId)),
    say: async (kind, to, text) => {
      if (closed.has(to)) return failed({ code: 'channel-chat-closed', retryable: false, text: { id: 'channel-chat-closed' } })
      said.push({ kind, to, text })
      return ok(undefined)
    },
  }
  return {
    gateway: z.custom<Gateway>(() => true).parse({ channels: api }),
    channels,
    said,
    dismissed,
    /** Nobody can be written to before they wrote, which they did from now on. */
    hears: () => {
      heard = true
    },
    cannotWriteTo: (id: string, not = true) => void (not ? closed.add(id) : closed.delete(id)),
    /** Happens while it is asked how a channel is. */
    meanwhile: (what: () => Promise<unknown>) => {
      meanwhile = what
    },
    says: (kind: ChannelKind, state: ChannelState) => void states.set(kind, state),
    asked: (...requests: PairingRequest[]) => {
      pairings = requests
    },
    fails: (with_: Problem | null) => {
      problem = with_
    },
  }
}
