import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { start } from '../harness/process.js'
import { report } from '../harness/report.js'
import { interleave, medianOf, ratioOf } from '../harness/rounds.js'

const DAYS = 30
const DRAW = join(import.meta.dirname, '../harness/draw.js')
const ROOT = join(import.meta.dirname, '../../..')

/** The picture in /usage, against chart.js on @napi-rs/canvas with the same bars and the same number of pixels. */
export default async function chart() {
  const ours = await bundleOurs()
  const days = Array.from({ length: DAYS }, (_, day) => ({
    date: new Date(Date.UTC(2026, 9, 1 + day)).toISOString().slice(0, 10),
    micros: 100_000 + ((day * 7919) % 700) * 1000,
  }))
  const ourChart = { kind: 'daily-usage', days, allowanceMicros: 25_000_000, language: 'en' }
  const { width, height } = await drawing(ours, ourChart, resolve('.cache/bench/chart-clawcloud.png'))
  const theirs = join(import.meta.dirname, '../anchors/chart.js')
  const theirChart = {
    title: 'Daily use',
    labels: days.map(({ date }) => date.slice(5)),
    values: days.map(({ micros }) => micros / 1e6),
    width,
    height,
  }
  await drawing(theirs, theirChart, resolve('.cache/bench/chart-chartjs.png'))
  const rounds = await interleave([
    { name: 'chart.js', run: () => drawing(theirs, theirChart) },
    { name: 'clawcloud', run: () => drawing(ours, ourChart) },
  ])
  const ratio = (key) => ratioOf(rounds, ['clawcloud', key], ['chart.js', key])
  return await report('chart', {
    title: `A chart of ${DAYS} days, ${width} x ${height} pixels`,
    columns: ['p50 ms', 'p95 ms', 'first ms', 'CPU ms', 'main thread blocked ms', 'resident MB', 'PNG KB'],
    rows: ['chart.js', 'clawcloud'].map((name) => [
      name,
      ...['p50', 'p95', 'firstMs', 'cpuMs', 'blockedMs', 'residentMb', 'pngKb'].map((key) => medianOf(rounds, name, key)),
    ]),
    goals: [
      { what: 'p50, times chart.js', measured: ratio('p50'), atMost: 0.85, stretch: 0.75 },
      { what: 'main thread blocked, times chart.js', measured: ratio('blockedMs'), atMost: 0.6, stretch: 0.3 },
    ],
    rounds,
  })
}

/** Our drawing with its worker thread, built as the service is. */
async function bundleOurs() {
  const folder = resolve('.cache/bench/chart')
  await mkdir(folder, { recursive: true })
  const source = `
    import { createDraw } from './core/credits/draw-chart.ts'
    import { createLocaliser } from './core/i18n/index.ts'
    export const draw = createDraw({ localiser: createLocaliser(), workerFile: ${JSON.stringify(join(folder, 'worker.mjs'))} })`
  const settings = {
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    absWorkingDir: ROOT,
  }
  await build({ ...settings, stdin: { contents: source, resolveDir: ROOT, loader: 'ts' }, outfile: join(folder, 'draw.mjs') })
  await build({ ...settings, entryPoints: ['core/credits/chart-worker.ts'], outfile: join(folder, 'worker.mjs') })
  return join(folder, 'draw.mjs')
}

async function drawing(module, chart, picture) {
  const program = start(process.execPath, [DRAW, module, JSON.stringify(chart), ...(picture ? [picture] : [])])
  const line = await program.until(program.line('{"firstMs"'), 'it had drawn')
  await program.exited
  return JSON.parse(line)
}
