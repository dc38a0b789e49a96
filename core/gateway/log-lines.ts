import { z } from 'zod'

/** One line of OpenClaw's log file: JSON with its parts under "0", "1", … */
const Line = z.object({
  time: z.string().optional(),
  message: z.string().optional(),
  '1': z.unknown().optional(),
  _meta: z.object({ logLevelName: z.string().optional(), name: z.string().optional() }).optional(),
})
const RunEnd = z.object({
  event: z.string().optional(),
  runId: z.string(),
  failoverReason: z.string().nullish(),
  rawErrorPreview: z.string().nullish(),
})
const Subsystem = z.object({ subsystem: z.string() })

export type LogLine = {
  readonly text: string
  readonly runId: string | null
  /** One call to a model that ended, as against what was decided about it. */
  readonly isCall: boolean
  readonly failoverReason: string | null
  /** Status and words of the provider: `402 Insufficient credits`. */
  readonly providerSaid: string | null
}

/** A line as a person reads it: time, level, part of OpenClaw, message. What is not JSON stays as it is. */
export function parseLogLine(raw: string): LogLine {
  const line = Line.safeParse(parseJson(raw)).data
  if (!line) return { text: raw, runId: null, isCall: false, failoverReason: null, providerSaid: null }
  const subsystem = Subsystem.safeParse(parseJson(line._meta?.name ?? '')).data?.subsystem
  const run = RunEnd.safeParse(line['1']).data
  const words = [line.time?.slice(0, 19), line._meta?.logLevelName, subsystem && `[${subsystem}]`, line.message ?? raw]
  return {
    text: words.filter(Boolean).join(' '),
    runId: run?.runId ?? null,
    isCall: run?.event === 'embedded_run_agent_end',
    failoverReason: run?.failoverReason ?? null,
    providerSaid: run?.rawErrorPreview ?? null,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
