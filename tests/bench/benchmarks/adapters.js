import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { percentiles } from '../harness/load.js'
import { report } from '../harness/report.js'
import { interleave, medianOf } from '../harness/rounds.js'

const ROOT = resolve(import.meta.dirname, '../../..')
const PLATFORMS = ['telegram', 'discord', 'feishu']
const WARM_UP_ROUNDS = 20
const MEASURED_ROUNDS = 30
/** What an adapter may add to a message, beside what wire and database cost. */
const MOST_MS = 1

/** What an adapter itself costs per message: understanding what came in, and drawing what goes out. Every screen and every sample there is. */
export default async function adapters() {
  const outfile = resolve('.cache/bench/adapters.mjs')
  await build({
    entryPoints: ['tests/bench/harness/adapters.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    absWorkingDir: ROOT,
  })
  process.chdir(ROOT) // where samples and texts lie
  const { timeAdapter } = await import(pathToFileURL(outfile).href)
  for (const name of PLATFORMS) await timeAdapter(name, WARM_UP_ROUNDS)
  const rounds = await interleave(
    PLATFORMS.map((name) => ({
      name,
      async run() {
        const { receiveMs, renderMs, drawMs } = await timeAdapter(name, MEASURED_ROUNDS)
        const [received, rendered, drawn] = [receiveMs, renderMs, drawMs].map(percentiles)
        return {
          receiveP50: received.p50,
          receiveP99: received.p99,
          renderP50: rendered.p50,
          renderP99: rendered.p99,
          drawP50: drawn.p50,
          drawP99: drawn.p99,
        }
      },
    })),
  )
  const keys = ['receiveP50', 'receiveP99', 'renderP50', 'renderP99', 'drawP50', 'drawP99']
  return await report('adapters', {
    title: 'An adapter’s own share of a message',
    columns: ['text to Incoming p50 ms', 'p99 ms', 'fitted to text p50 ms', 'p99 ms', 'View to text p50 ms', 'p99 ms'],
    rows: PLATFORMS.map((name) => [name, ...keys.map((key) => medianOf(rounds, name, key))]),
    goals: PLATFORMS.flatMap((name) => [
      { what: `${name}: text to Incoming, p50 ms`, measured: medianOf(rounds, name, 'receiveP50'), atMost: MOST_MS },
      { what: `${name}: View to text, p50 ms`, measured: medianOf(rounds, name, 'drawP50'), atMost: MOST_MS },
    ]),
    rounds,
  })
}
