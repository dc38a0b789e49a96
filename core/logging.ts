import { destination, pino, stdTimeFunctions } from 'pino'
import type { Log } from './log.ts'
import { ProblemError } from './problem.ts'

export type LogOptions = {
  readonly level: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent'
  /** Takes secrets out of a finished line; what remains must still be JSON. */
  readonly redact: (text: string) => string
  /** Where lines go; standard output unless a test listens. */
  readonly write?: (line: string) => void
}

/** One JSON object per line, each through `redact` as a whole: whatever field a secret hides in, it does not get out. */
export function createLog({ level, redact, write = toStandardOutput() }: LogOptions): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describeError, error: describeError },
    },
    { write: (line: string) => write(redact(line)) },
  )
}

function toStandardOutput(): (line: string) => void {
  // Written at once: the last line before a crash is the one that matters.
  const output = destination({ fd: 1, sync: true })
  return (line) => void output.write(line)
}

/** Causes nest (a library's error around the network's); deeper ones tell nothing new. */
const CAUSES = 3

type Description = {
  readonly type: string
  readonly message: string
  readonly code?: unknown
  readonly stack?: string
  readonly cause?: Description
}

// Picked by name: errors of libraries carry requests, headers and rows in their other properties.
function describeError(error: unknown, causes = CAUSES): unknown {
  if (!(error instanceof Error)) return error
  return describe(error, causes)
}

function describe(error: Error, causes: number): Description {
  const code = error instanceof ProblemError ? error.problem.code : 'code' in error ? error.code : undefined
  return {
    type: error.name,
    message: error.message,
    ...(code !== undefined && { code }),
    ...(error.stack && { stack: error.stack }),
    ...(error.cause instanceof Error && causes > 0 && { cause: describe(error.cause, causes - 1) }),
  }
}
