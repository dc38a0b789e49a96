import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { WebSocket } from 'ws'
import { freePort } from './postgres.js'
import { start } from './process.js'

const START_SECONDS = 180
const TURN_SECONDS = 120
/** OpenClaw says this when a turn began while a new configuration was being applied; the turn is to be sent again. */
const SUPERSEDED = /superseded|PreparedModelCatalogConfigReplaced/

/** The folder of an installed OpenClaw runtime and its Node: BENCH_OPENCLAW, or one that the service or the tests fetched. */
export function findRuntime() {
  const parents = ['.data/runtimes', '.cache/openclaw', '.cache'].map((folder) => resolve(folder))
  const candidates = [
    ...(process.env.BENCH_OPENCLAW ? [process.env.BENCH_OPENCLAW] : []),
    ...parents,
    ...parents.filter(existsSync).flatMap((folder) => readdirSync(folder).map((name) => join(folder, name))),
  ]
  for (const directory of candidates) {
    const program = join(directory, 'node_modules/openclaw/openclaw.mjs')
    if (!existsSync(program)) continue
    const node = readdirSync(join(directory, 'node_modules'))
      .filter((name) => /^node($|-(linux|darwin)-)/.test(name))
      .map((name) => join(directory, 'node_modules', name, 'bin/node'))
      .find(existsSync)
    if (node) return { directory, program, node }
  }
  throw new Error(
    'No OpenClaw runtime here. Start the service once (npm start fetches it), or set BENCH_OPENCLAW to a folder with node_modules/openclaw.',
  )
}

/** A gateway as one would start it by hand: configuration, secrets and all in place before it starts. */
export async function startBareGateway({ runtime, modelApiRoot, model }) {
  const state = await mkdtemp(join(tmpdir(), 'clawcloud-bench-gateway-'))
  const port = await freePort()
  const token = randomUUID()
  await mkdir(join(state, 'workspace'))
  await writeFile(
    join(state, 'openclaw.json'),
    JSON.stringify({
      gateway: {
        mode: 'local',
        port,
        bind: 'loopback',
        auth: { mode: 'token' },
        controlUi: { enabled: false },
        terminal: { enabled: false },
      },
      models: {
        catalogRefresh: { enabled: false },
        providers: { openrouter: { baseUrl: modelApiRoot, apiKey: 'sk-or-v1-bench' } },
      },
      agents: {
        defaults: {
          model: { primary: `openrouter/${model}`, fallbacks: [] },
          heartbeat: { every: '0m' },
          skipBootstrap: true,
          workspace: join(state, 'workspace'),
        },
      },
      update: { checkOnStart: false },
    }),
    { mode: 0o600 },
  )
  const program = start(runtime.node, [runtime.program, 'gateway', 'run'], {
    cwd: state,
    env: {
      TMPDIR: state,
      OPENCLAW_STATE_DIR: state,
      OPENCLAW_CONFIG_PATH: join(state, 'openclaw.json'),
      OPENCLAW_GATEWAY_TOKEN: token,
      OPENCLAW_OFFLINE: '1',
      OPENCLAW_NO_AUTO_UPDATE: '1',
      OPENCLAW_DISABLE_BONJOUR: '1',
      OPENCLAW_NO_RESPAWN: '1',
    },
  })
  await program.until(waitReady(port), 'it was ready')
  const rpc = await connect(port, token)
  return {
    ...program,
    /** One turn; resolves when the answer is complete. */
    async turn(message) {
      for (let attempt = 0; ; attempt++) {
        const result = await rpc.call('agent', { message, sessionKey: 'agent:main:bench', idempotencyKey: randomUUID() }, true)
        if (result.ok && !SUPERSEDED.test(JSON.stringify(result.payload))) return result.payload
        if (attempt === 3 || !SUPERSEDED.test(JSON.stringify(result)))
          throw new Error(`The turn failed: ${JSON.stringify(result)}`)
      }
    },
    /** The RPC calls of a live model change. */
    async switchModel(model) {
      const { payload } = await rpc.call('config.get', {})
      const raw = JSON.stringify({ agents: { defaults: { model: { primary: `openrouter/${model}` } } } })
      const patched = await rpc.call('config.patch', { baseHash: payload.hash, raw })
      if (!patched.ok) throw new Error(`The model did not change: ${JSON.stringify(patched)}`)
    },
    async stop() {
      rpc.close()
      await program.stop()
      await rm(state, { recursive: true, force: true })
    },
  }
}

async function waitReady(port) {
  const until = performance.now() + START_SECONDS * 1000
  while (performance.now() < until) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null)
    if (answer?.ok && (await answer.json()).ready) return
    await new Promise((next) => setTimeout(next, 100))
  }
  throw new Error(`The gateway was not ready after ${START_SECONDS} s.`)
}

async function connect(port, token) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`)
  const answers = new Map()
  let next = 0
  const hello = new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', (data) => {
      const frame = JSON.parse(data.toString())
      if (frame.type === 'event' && frame.event === 'connect.challenge') {
        call('connect', {
          minProtocol: 4,
          maxProtocol: 4,
          client: { id: 'gateway-client', version: '1.0.0', platform: 'linux', mode: 'backend' },
          role: 'operator',
          scopes: ['operator.admin', 'operator.read', 'operator.write'],
          caps: [],
          auth: { token },
        }).then(resolve, reject)
      }
      const waiting = frame.type === 'res' && answers.get(frame.id)
      if (!waiting || (waiting.final && frame.ok && frame.payload?.status === 'accepted')) return
      answers.delete(frame.id)
      waiting.resolve(frame)
    })
  })
  /** `final` waits for the second answer, which comes when an accepted run has ended. */
  function call(method, params, final = false) {
    return new Promise((resolve, reject) => {
      const id = `r${++next}`
      const timer = setTimeout(() => reject(new Error(`${method} took more than ${TURN_SECONDS} s`)), TURN_SECONDS * 1000)
      answers.set(id, {
        final,
        resolve: (frame) => {
          clearTimeout(timer)
          resolve(frame)
        },
      })
      socket.send(JSON.stringify({ type: 'req', id, method, params }))
    })
  }
  await hello
  return { call, close: () => socket.close() }
}

/** OpenRouter's chat completions with one canned answer, streamed or not. */
export async function startCannedModel() {
  const server = createServer((request, response) => {
    const chunks = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      if (!request.url.endsWith('/chat/completions')) return response.writeHead(404).end('{}')
      const { model, stream } = JSON.parse(Buffer.concat(chunks).toString())
      const usage = { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 }
      const base = { id: `gen-${randomUUID()}`, created: Math.floor(Date.now() / 1000), model }
      if (!stream) {
        const choices = [{ index: 0, message: { role: 'assistant', content: 'I am here.' }, finish_reason: 'stop' }]
        return response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ ...base, object: 'chat.completion', choices, usage }))
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const chunk = (delta, finish_reason, more = {}) =>
        response.write(
          `data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason }], ...more })}\n\n`,
        )
      chunk({ role: 'assistant', content: 'I am here.' }, null)
      chunk({}, 'stop', { usage })
      response.end('data: [DONE]\n\n')
    })
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    root: `http://127.0.0.1:${server.address().port}/api/v1`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
