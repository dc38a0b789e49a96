import type { Gateway } from '../gateway/index.ts'
import { gatewayOf } from '../instances/index.ts'
import { ProblemError } from '../problem.ts'
import type { Services } from '../services.ts'
import type { Channel } from './channel.ts'

/** The gateway of the assistant that a channel belongs to. */
export async function gatewayOfChannel(services: Services, channel: Channel): Promise<Gateway> {
  const prisma = await services.database.prisma()
  const instance = await prisma.instance.findUnique({ where: { id: channel.instanceId } })
  if (!instance) throw new ProblemError({ code: 'instance-gone', retryable: false, text: { id: 'instance-gone' } })
  return gatewayOf(services, instance)
}
