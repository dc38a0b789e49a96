import type { Services } from '../services.ts'
import { gatewayOf, hostOf } from './instance.ts'

/** From the gateway if it answers, else what its process printed last: a log is wanted most when something is broken. */
export async function instanceLogs(
  services: Services,
  instance: { readonly id: string; readonly hostId: string | null; readonly gatewayTokenSealed: string | null },
  lines: number,
  redact: (text: string) => string,
): Promise<string> {
  const told = await (await gatewayOf(services, instance)).logs(lines)
  if (told.ok && told.value.trim() !== '') return told.value
  return redact(await (await hostOf(services, instance)).serviceOutput(lines))
}
