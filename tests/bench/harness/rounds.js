import { median } from './report.js'

/** How often everything is measured. `BENCH_ROUNDS=1` is for working on a benchmark, not for figures. */
export const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5)

/**
 * Runs every variant once per round, one after the other, the order reversed every other round, so that a machine that
 * grows slower in the course of the run is unfair to all alike. A variant answers with named numbers.
 */
export async function interleave(variants) {
  const rounds = []
  for (let round = 0; round < ROUNDS; round++) {
    const order = round % 2 === 0 ? variants : variants.toReversed()
    const figures = {}
    for (const { name, run } of order) {
      figures[name] = await run(round)
      process.stdout.write(`  round ${round + 1}/${ROUNDS} ${name}: ${line(figures[name])}\n`)
    }
    rounds.push(figures)
  }
  return rounds
}

/** Median over the rounds of one figure of one variant. */
export const medianOf = (rounds, variant, key) => median(rounds.map((round) => round[variant][key]))

/** Median over the rounds of the ratio taken inside each round. */
export const ratioOf = (rounds, [variant, key], [anchor, anchorKey]) =>
  median(rounds.map((round) => round[variant][key] / round[anchor][anchorKey]))

const line = (figures) =>
  Object.entries(figures)
    .filter(([, value]) => typeof value === 'number')
    .map(([key, value]) => `${key} ${value.toFixed(2)}`)
    .join(', ')
