import { z } from 'zod'
import type { Host } from '../hosts/index.ts'

/** Settings of the agent's runtime, beside openclaw.json and read anew at every turn. */
const SETTINGS_FILE = 'agents/main/agent/settings.json'
/**
 * How often a model that is down or rate-limited is tried again before the next one of the chain: some five seconds. OpenClaw's own
 * ten tries take two and a half minutes, which is right only when there is nobody else to ask.
 */
const RETRIES_BEFORE_FALLBACK = 2

const Json = z.record(z.string(), z.unknown())

/** Lets a chain of fallbacks be used while somebody waits for the answer; without one, OpenClaw tries as long as it likes. */
export async function setPatience(host: Pick<Host, 'readFile' | 'writeFile'>, hasFallbacks: boolean): Promise<void> {
  const text = await host.readFile(SETTINGS_FILE)
  const settings = parsed(text)
  const { retry, ...others } = settings
  const { provider, ...otherRetry } = Json.safeParse(retry).data ?? {}
  const { maxRetries, ...otherProvider } = Json.safeParse(provider).data ?? {}
  const wanted = hasFallbacks ? RETRIES_BEFORE_FALLBACK : undefined
  if (maxRetries === wanted) return
  const changed = {
    ...others,
    retry: { ...otherRetry, provider: { ...otherProvider, ...(wanted !== undefined && { maxRetries: wanted }) } },
  }
  await host.writeFile(SETTINGS_FILE, `${JSON.stringify(changed, null, 2)}\n`)
}

function parsed(text: string | null): Readonly<Record<string, unknown>> {
  try {
    return Json.safeParse(JSON.parse(text ?? '{}')).data ?? {}
  } catch {
    // Torn or not JSON: OpenClaw can't read it either.
    return {}
  }
}
