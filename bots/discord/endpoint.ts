import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import type { PlatformHealth } from '../../core/chat/platform.ts'
import type { Log } from '../../core/log.ts'
import type { Api } from './api.ts'
import { isUnauthorized, reasonOf } from './faults.ts'
import type { Gateway } from './gateway.ts'

const Application = z.object({ name: z.string(), verify_key: z.string(), interactions_endpoint_url: z.string().nullish() })

const FIRST_RETRY_SECONDS = 2
const LAST_RETRY_SECONDS = 60

type Dependencies = {
  readonly api: Pick<Api, 'application'>
  readonly publicKeyHex: string
  readonly log: Log
  readonly random: () => number
  readonly report: (health: PlatformHealth) => void
}

/** In place of a gateway, where Discord comes to us: only makes sure once that it is our application that we serve. */
export function createEndpoint({ api, publicKeyHex, log, random, report }: Dependencies): Gateway {
  const stopping = new AbortController()

  /** True when all is well, false to try again, null when trying again is useless. */
  async function tryContact(): Promise<boolean | null> {
    try {
      const { name, verify_key: key } = Application.parse(await api.application())
      if (key.toLowerCase() !== publicKeyHex.toLowerCase()) {
        return trouble('DISCORD_PUBLIC_KEY is not the key of this application. Copy it from its General Information and restart')
      }
      report({ ok: true, detail: `Discord: ${name} waits for signed interactions` })
      return true
    } catch (error) {
      if (isUnauthorized(error)) {
        return trouble(
          'Discord refuses the bot token. Copy a valid one from the developer portal, set DISCORD_BOT_TOKEN and restart',
        )
      }
      trouble(`Discord could not be reached (${reasonOf(error)}); trying again`)
      return false
    }
  }

  function trouble(detail: string): null {
    report({ ok: false, detail })
    log.error({}, detail)
    return null
  }

  async function keepTrying(): Promise<void> {
    for (let failures = 1; !stopping.signal.aborted; failures += 1) {
      const seconds = Math.min(FIRST_RETRY_SECONDS * 2 ** (failures - 1), LAST_RETRY_SECONDS)
      await wait(seconds * 1000 * (0.5 + random() / 2), undefined, { signal: stopping.signal, ref: false }).catch(() => undefined)
      if (stopping.signal.aborted || (await tryContact()) !== false) return
    }
  }

  return {
    async start() {
      if ((await tryContact()) === false) void keepTrying()
    },
    async stop() {
      stopping.abort()
    },
  }
}

/** With an endpoint set at Discord nothing but messages comes over the gateway: said loudly, for nothing else tells. */
export async function warnOfEndpoint(api: Pick<Api, 'application'>, log: Log): Promise<void> {
  const found = Application.safeParse(await api.application().catch(() => null))
  if (!found.success || !found.data.interactions_endpoint_url) return
  log.error(
    {},
    'Discord sends commands and buttons to an Interactions Endpoint URL, not over the gateway. Remove it in the developer portal under General Information, or set DISCORD_PUBLIC_KEY to serve it',
  )
}
