import type { Text } from '../chat/view.ts'
import type { Model } from './model.ts'

// A turn of an assistant: its instructions, tools and memory go in every time, a few sentences come out. Measured with
// OpenClaw: 15 to 20 thousand tokens in.
const TURN_PROMPT_TOKENS = 18_000
const TURN_COMPLETION_TOKENS = 500

/** Below this ratio nobody would change model for the price. */
const SAME_RATIO = 1.15
/** From here on "times" is clearer than per cent. */
const TIMES_RATIO = 1.9
/** A billing cycle, nearly: what lasts this long lasts all month. */
const CYCLE_DAYS = 30

type Priced = Pick<Model, 'promptMicrosPerMillion' | 'completionMicrosPerMillion' | 'unpriced'>

export const isFree = (model: Priced): boolean =>
  !model.unpriced && model.promptMicrosPerMillion === 0 && model.completionMicrosPerMillion === 0

/** What a typical turn costs, in micro-dollars: the one figure by which models are compared. */
export function turnMicros(model: Priced): number {
  return (model.promptMicrosPerMillion * TURN_PROMPT_TOKENS + model.completionMicrosPerMillion * TURN_COMPLETION_TOKENS) / 1e6
}

/** `$3.00 in, $15.00 out per 1M`, or `free`. */
export function modelPrice(model: Priced): Text {
  if (model.unpriced) return { id: 'model-price-unknown' }
  if (isFree(model)) return { id: 'model-price-free' }
  return {
    id: 'model-price-text',
    args: { input: { micros: model.promptMicrosPerMillion }, output: { micros: model.completionMicrosPerMillion } },
  }
}

/** What changing from one model to another does to the price of a typical turn: `about 9 times cheaper`. */
export function comparePrice(from: Priced, to: Priced): Text {
  if (from.unpriced || to.unpriced) return { id: 'model-compare-unknown' }
  if (isFree(from) || isFree(to)) {
    if (isFree(from) && isFree(to)) return { id: 'model-compare-same' }
    return { id: isFree(to) ? 'model-compare-free' : 'model-compare-paid' }
  }
  const [before, after] = [turnMicros(from), turnMicros(to)]
  const ratio = Math.max(before, after) / Math.min(before, after)
  if (ratio < SAME_RATIO) return { id: 'model-compare-same' }
  const direction = after < before ? 'cheaper' : 'dearer'
  if (ratio >= TIMES_RATIO) return { id: `model-compare-${direction}`, args: { times: Math.round(ratio) } }
  return { id: `model-compare-${direction}-percent`, args: { percent: Math.round((Math.abs(after - before) / before) * 100) } }
}

/** So much dearer that nobody should be switched without being asked. An unknown price may be any. */
export function isDearer(from: Priced, to: Priced): boolean {
  if (to.unpriced) return !from.unpriced
  if (isFree(to)) return false
  return from.unpriced === true || isFree(from) || turnMicros(to) >= turnMicros(from) * SAME_RATIO
}

/**
 * How long a cycle's credit would last with another model, if one goes on as in the last days: `at your pace, $8.00 lasts about
 * 12 days`. Null where there is no pace to go by.
 */
export function paceWithModel(
  spending: { readonly allowanceMicros: number; readonly microsPerDay: number },
  from: Priced,
  to: Priced,
): Text | null {
  if (from.unpriced || to.unpriced || isFree(from) || spending.microsPerDay <= 0 || spending.allowanceMicros <= 0) return null
  if (isFree(to)) return { id: 'model-pace-free' }
  const days = spending.allowanceMicros / (spending.microsPerDay * (turnMicros(to) / turnMicros(from)))
  const credit = { micros: spending.allowanceMicros }
  if (days >= CYCLE_DAYS) return { id: 'model-pace-month', args: { credit } }
  return days < 1
    ? { id: 'model-pace-less', args: { credit } }
    : { id: 'model-pace-days', args: { credit, days: Math.floor(days) } }
}
