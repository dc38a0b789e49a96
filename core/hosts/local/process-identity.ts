import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { readOrNull } from './files.ts'

/**
 * Which process a number means. Numbers are used again, soon after a reboot or in a container, so the time the process started
 * belongs to it: ticks since boot and the boot's id from /proc, or what `ps` says where there is no /proc (macOS).
 */
export type ProcessIdentity = { readonly processId: number; readonly startMark: string }

/** Run by /bin/sh before it becomes the program: writes this process's identity to the file `$1` and goes on as `$2…`. */
export const RECORD_AND_EXEC = `
if [ -r /proc/$$/stat ]; then
  read -r stat < /proc/$$/stat; read -r boot < /proc/sys/kernel/random/boot_id
  mark="$boot \${stat##*) }"
else
  mark="$(ps -o lstart= -p $$)"
fi
printf '%s\\n%s\\n' "$$" "$mark" > "$1.tmp" && mv "$1.tmp" "$1" || exit 1
shift
exec "$@"
`

/** Field 22 of /proc/<id>/stat counted behind the command's name, which is field 2 and may hold anything. */
const START_FIELD_BEHIND_NAME = 19

/** What RECORD_AND_EXEC wrote, or null if it is not that. */
export function parseIdentity(recorded: string): ProcessIdentity | null {
  const [id, mark] = recorded.split('\n')
  const processId = Number(id)
  if (!Number.isInteger(processId) || processId <= 1 || !mark) return null
  // The shell wrote all of /proc's line behind the boot id, or `ps`'s words, or we wrote the mark itself: only the first is cut.
  const fields = mark.trim().split(/\s+/)
  const ticks = fields[START_FIELD_BEHIND_NAME + 1]
  return { processId, startMark: ticks === undefined ? mark.trim() : `${fields[0]} ${ticks}` }
}

/** The identity of a process of this machine now; null if there is none, or only its remains that nobody waited for. */
export async function identityOf(processId: number): Promise<ProcessIdentity | null> {
  const boot = await readOrNull('/proc/sys/kernel/random/boot_id')
  if (boot === null) return identityByPs(processId)
  const stat = await readFile(`/proc/${processId}/stat`, 'utf8').catch(() => null)
  if (stat === null) return null
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z' || fields[0] === 'X') return null
  return { processId, startMark: `${boot.trim()} ${fields[START_FIELD_BEHIND_NAME]}` }
}

async function identityByPs(processId: number): Promise<ProcessIdentity | null> {
  const listed = await promisify(execFile)('ps', ['-o', 'stat=,lstart=', '-p', String(processId)]).catch(() => null)
  const match = /^\s*(\S+)\s+(.+?)\s*$/.exec(listed?.stdout ?? '')
  if (!match || match[1]?.startsWith('Z')) return null
  return { processId, startMark: match[2] ?? '' }
}

/** True if exactly that process still runs. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  return (await identityOf(identity.processId))?.startMark === identity.startMark
}

/** Sends a signal to the process, or with `group` to everything it started; gone already is fine. */
export function signal(identity: ProcessIdentity, name: 'SIGTERM' | 'SIGKILL', group = false): void {
  try {
    process.kill(group ? -identity.processId : identity.processId, name)
  } catch (error) {
    // EPERM is what macOS says of a group in which only the remains of processes are left.
    const gone = error instanceof Error && 'code' in error && (error.code === 'ESRCH' || (group && error.code === 'EPERM'))
    if (!gone) throw error
  }
}
