import type { Problem } from '../problem.ts'

const MB = 1024 * 1024

/** An instance's own files: state, log and workspace of the first weeks. */
export const NEEDED_BYTES_PER_HOST = 100 * MB

/** Errors of a host provider; each has a Fluent message of its own. */
export const hostProblems = {
  full: (total: number): Problem => ({ code: 'host-full', retryable: false, text: { id: 'host-full', args: { total } } }),

  diskFull: (neededBytes: number, freeBytes: number | null, directory: string): Problem => ({
    code: 'disk-full',
    retryable: false,
    // Customers read it too: how much and where is for the log.
    text: { id: 'disk-full' },
    detail: `${Math.ceil(neededBytes / MB)} MB needed in ${directory}, ${freeBytes === null ? 'none' : `${Math.floor(freeBytes / MB)} MB`} free`,
  }),

  runtimeUnavailable: (version: string, detail: string): Problem => ({
    code: 'runtime-unavailable',
    retryable: true,
    text: { id: 'runtime-unavailable', args: { version } },
    detail,
  }),

  noPort: (first: number, last: number): Problem => ({
    code: 'no-port',
    retryable: false,
    text: { id: 'no-port', args: { first: String(first), last: String(last) } },
  }),

  commandTimeout: (seconds: number, command: string): Problem => ({
    code: 'host-command-timeout',
    retryable: true,
    text: { id: 'host-command-timeout', args: { seconds } },
    detail: command,
  }),
}

/** The file system says that it has no room: no space, or the user's quota is used up. */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
