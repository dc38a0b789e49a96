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

type Priced = Pick<Model, 'promptMicrosPerMillion' | 'completionMicrosPerMillion'>

export const isFree = (model: Priced): boolean => model.promptMicrosPerMillion === 0 && model.completionMicrosPerMillion === 0

/** What a typical turn costs, in micro-dollars: the one figure by which models are compared. */
export function turnMicros(model: Priced): number {
  return (model.promptMicrosPerMillion * TURN_PROMPT_TOKENS + model.completionMicrosPerMillion * TURN_COMPLETION_TOKENS) / 1e6
}

/** `$3.00 in, $15.00 out per 1M`, or `free`. */
export function modelPrice(model: Priced): Text {
  if (isFree(model)) return { id: 'model-price-free' }
  return {
    id: 'model-price-text',
    args: { input: { micros: model.promptMicrosPerMillion }, output: { micros: model.completionMicrosPerMillion } },
  }
}

/** What changing from one model to another does to the price of a typical turn: `about 9 times cheaper`. */
export function comparePrice(from: Priced, to: Priced): Text {
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
