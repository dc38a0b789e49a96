// Measures ClawCloud against what it is built on: node tests/bench/run.js [hot-path] [sustained] [discord] [feishu] [adapters] [idle] [webhook] [chart] [models] [scale] [gateway]
// Without names: all. Prints a table per benchmark and writes .cache/bench/<name>.json. Needs a built dist/ (npm ci builds it).
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const BENCHMARKS = [
  'hot-path',
  'sustained',
  'discord',
  'feishu',
  'adapters',
  'idle',
  'webhook',
  'chart',
  'models',
  'scale',
  'gateway',
]

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !BENCHMARKS.includes(name))
if (unknown.length > 0) {
  process.stderr.write(`There is no benchmark called ${unknown.join(', ')}. There are: ${BENCHMARKS.join(', ')}.\n`)
  process.exit(2)
}

const anchors = join(import.meta.dirname, 'anchors')
if (!existsSync(join(anchors, 'node_modules'))) {
  process.stdout.write('Installing what we compare with (tests/bench/anchors) …\n')
  const install = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: anchors, stdio: 'inherit' })
  if (install.status !== 0) process.exit(1)
}

let missed = 0
for (const name of wanted.length > 0 ? wanted : BENCHMARKS) {
  const { default: benchmark } = await import(`./benchmarks/${name}.js`)
  process.stdout.write(`\n${name}\n`)
  if (!(await benchmark())) missed++
}
process.stdout.write(missed === 0 ? '\nAll goals met.\n' : `\n${missed} of the benchmarks missed a goal.\n`)
process.exit(missed === 0 ? 0 : 1)
