import { hostname } from 'node:os'

/** How this process signs what it works on: `<machine>:<process id>`. */
export const leaseOwner = (): string => `${hostname()}:${process.pid}`

/** Another process of this machine that is gone; of other machines nothing is known. */
export function isDeadProcess(owner: string): boolean {
  const [host, pid] = owner.split(':')
  if (host !== hostname() || !pid) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}
