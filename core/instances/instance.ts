import type { Gateway } from '../gateway/index.ts'
import type { Host } from '../hosts/index.ts'
import type { StepContext } from '../operations/index.ts'
import { ProblemError } from '../problem.ts'
import type { Services } from '../services.ts'

export { backupKeyPurpose, gatewayTokenPurpose, subKeyPurpose } from '../secrets/index.ts'

/** Our name of an instance's host, from which it is found again. */
export const hostName = (instanceId: string) => `oc-${instanceId.replace('_', '-')}`
/** The other way round. Of a standby's host, which keeps its own name, it is nobody's id. */
export const instanceIdOf = (host: string) => host.replace(/^oc-/, '').replace('-', '_')

async function loadInstance(services: Services, instanceId: string | null) {
  const prisma = await services.database.prisma()
  const instance =
    instanceId === null ? null : await prisma.instance.findUnique({ where: { id: instanceId }, include: { plan: true } })
  if (!instance) throw new ProblemError({ code: 'instance-gone', retryable: false, text: { id: 'instance-gone' } })
  return instance
}

/** The instance an operation is about, fresh from the row. */
export const instanceOf = (context: StepContext<Services>) => loadInstance(context.services, context.operation.instanceId)

/** Its host; a confirmed absence is a Problem, an unclear answer throws and is retried. */
export async function hostOf(services: Services, instance: { readonly hostId: string | null }): Promise<Host> {
  const host = instance.hostId === null ? null : await services.hosts.find(instance.hostId)
  if (!host) throw new ProblemError({ code: 'host-gone', retryable: false, text: { id: 'host-gone' } })
  return host
}

export async function gatewayOf(
  services: Services,
  instance: { readonly id: string; readonly hostId: string | null; readonly gatewayTokenSealed: string | null },
): Promise<Gateway> {
  if (instance.hostId === null || instance.gatewayTokenSealed === null)
    throw new ProblemError({ code: 'host-gone', retryable: false, text: { id: 'host-gone' } })
  return services.gateway({ id: instance.id, hostId: instance.hostId, gatewayTokenSealed: instance.gatewayTokenSealed })
}
