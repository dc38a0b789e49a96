import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { access, mkdir, rm, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { freePort } from './postgres.js'
import { start } from './process.js'

export const BOT_TOKEN = '4242:bench-token-of-a-bot-that-does-not-exist'
export const WEBHOOK_SECRET = 'whsec_bench_0123456789abcdef'

const ANCHORS = resolve(import.meta.dirname, '../anchors')
/** Another build to measure: BENCH_MAIN. */
const MAIN = process.env.BENCH_MAIN ?? resolve(import.meta.dirname, '../../../dist/main.js')

/** ClawCloud as it is built, with real (but worthless) accounts, so that no stand-in runs inside the measured process. */
export async function startClawCloud({ databaseUrl, telegramRoot, dataDirectory, env = {}, node = [] }) {
  await access(MAIN).catch(() => {
    throw new Error('dist/main.js is missing. Build it first: npm ci, or node build.js.')
  })
  const port = await freePort()
  const data = dataDirectory ?? resolve('.cache/bench', `data-${port}`)
  await mkdir(data, { recursive: true })
  await lendRuntimes(data)
  const service = start(process.execPath, [MAIN], {
    cwd: data,
    node,
    env: {
      PORT: String(port),
      PUBLIC_URL: `http://127.0.0.1:${port}`,
      DATA_DIR: data,
      DATABASE_URL: databaseUrl,
      MASTER_KEY: `1:${randomBytes(32).toString('base64')}`,
      LOG_LEVEL: 'warn',
      ...(telegramRoot && { TELEGRAM_BOT_TOKEN: BOT_TOKEN, TELEGRAM_API_ROOT: telegramRoot }),
      ...env,
    },
  })
  return {
    ...service,
    port,
    root: `http://127.0.0.1:${port}`,
    /** Resolves when every part answers in /readyz. */
    async ready(seconds = 60) {
      const until = performance.now() + seconds * 1000
      for (;;) {
        const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null)
        if (answer?.ok) return
        if (performance.now() > until) {
          throw new Error(`Not ready after ${seconds} s: ${answer ? await answer.text() : 'no answer'}\n${service.output()}`)
        }
        await Promise.race([
          new Promise((next) => setTimeout(next, 20)),
          service.until(new Promise(() => undefined), 'it was ready'),
        ])
      }
    },
    /** In the sandbox SIGINT (Ctrl+C) also ends the gateways; SIGTERM leaves them to the next start. */
    async stop(signal) {
      await service.stop(signal)
      if (!dataDirectory) await rm(data, { recursive: true, force: true })
    },
  }
}

/** OpenClaw as the tests or the service fetched it, so that no benchmark waits for (or is disturbed by) its installation. */
async function lendRuntimes(data) {
  const installed = ['.cache/openclaw', '.data/runtimes'].map((folder) => resolve(folder)).find(existsSync)
  const wanted = join(data, 'runtimes')
  if (installed && !existsSync(wanted)) await symlink(installed, wanted)
}

/** One of the programs we are measured against. */
export function startAnchor(file, env, node = []) {
  return start(process.execPath, [join(ANCHORS, file)], { cwd: ANCHORS, env: { TELEGRAM_BOT_TOKEN: BOT_TOKEN, ...env }, node })
}
