import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import { percentiles } from '../harness/load.js'
import { report } from '../harness/report.js'

const ROOT = join(import.meta.dirname, '../../..')
/** What OpenRouter sells, and a little. */
const MODELS = 500
const ROUNDS = 200
const WARM_UP = 200

/** What people type: names, parts of names, descriptions, typing errors, nonsense of the longest length that is looked at. */
const QUERIES = [
  'sonnet',
  'openrouter/vendor-7/model-412-mini',
  'model 412 mini',
  'cheap',
  'free coding',
  'fast 便宜',
  'modle 41 mni',
  'qzx wvk',
  'x'.repeat(10_000),
  '',
]

/** Search and names over a long list. Nothing is compared with: the goal is a time that nobody notices. */
export default async function models() {
  const { createCatalogue } = await import(await bundle())
  const list = Array.from({ length: MODELS }, (_, i) => ({
    id: `vendor-${i % 40}/model-${i}${['', '-mini', '-flash', '-coder'][i % 4]}${i % 25 === 0 ? ':free' : ''}`,
    name: `Vendor ${i % 40}: Model ${i}${['', ' Mini', ' Flash', ' Coder'][i % 4]}`,
    contextTokens: 128_000 + i,
    promptMicrosPerMillion: i % 25 === 0 ? 0 : (i * 7919) % 9_000_000,
    completionMicrosPerMillion: i % 25 === 0 ? 0 : (i * 104_729) % 30_000_000,
  }))
  const log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
  const catalogue = createCatalogue({ fetchModels: async () => list, clock: { now: () => new Date() }, log })
  const began = performance.now()
  await catalogue.all()
  const preparedMs = performance.now() - began
  const searched = await timed((query) => catalogue.search(query, 8))
  const resolved = await timed((query) => catalogue.resolve(query))
  return await report('models', {
    title: `Finding a model among ${MODELS}`,
    columns: ['p50 ms', 'p95 ms', 'worst ms'],
    rows: [
      ['search', searched.p50, searched.p95, searched.max],
      ['whatever was typed to an id', resolved.p50, resolved.p95, resolved.max],
      ['preparing the list, once an hour', preparedMs],
    ],
    goals: [
      { what: 'search, p95 in ms', measured: searched.p95, atMost: 5, stretch: 1 },
      { what: 'a name to its id, p95 in ms', measured: resolved.p95, atMost: 5, stretch: 1 },
    ],
    rounds: [],
  })
}

async function timed(work) {
  for (let i = 0; i < WARM_UP; i++) await work(QUERIES[i % QUERIES.length])
  const times = []
  for (let round = 0; round < ROUNDS; round++)
    for (const query of QUERIES) {
      const start = performance.now()
      await work(query)
      times.push(performance.now() - start)
    }
  return { ...percentiles(times), max: Math.max(...times) }
}

/** Built as the service is. */
async function bundle() {
  const folder = resolve('.cache/bench/models')
  await mkdir(folder, { recursive: true })
  const outfile = join(folder, 'models.mjs')
  await build({
    entryPoints: [join(ROOT, 'core/models/index.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    outfile,
  })
  return outfile
}
