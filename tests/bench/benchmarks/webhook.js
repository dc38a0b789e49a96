import { join } from 'node:path'
import { freePort, startPostgres } from '../harness/postgres.js'
import { cpuMs, start } from '../harness/process.js'
import { report } from '../harness/report.js'
import { interleave, medianOf, ratioOf } from '../harness/rounds.js'
import { startAnchor, startClawCloud, WEBHOOK_SECRET } from '../harness/service.js'
import { quietAccounts } from '../harness/vendor.js'

const CONNECTIONS = 50
const WARM_UP_SECONDS = 2
const SECONDS = 5
const LOAD = join(import.meta.dirname, '../anchors/webhook-load.js')

/** Stripe's webhook: signature checked, row committed, 200 answered, 50 connections at once. */
export default async function webhook() {
  const postgres = await startPostgres()
  const vendor = await quietAccounts()
  try {
    const variants = [
      { name: 'bare', run: () => measureBare(postgres) },
      { name: 'clawcloud', run: () => measureOurs(postgres, vendor.env, 'http') },
      { name: 'clawcloud, all roles', run: () => measureOurs(postgres, vendor.env, 'bots,http,worker') },
    ]
    const rounds = await interleave(variants)
    return await report('webhook', {
      title: `Webhook intake (${CONNECTIONS} connections, signed events of about 1 KB)`,
      columns: ['per second', 'p50 ms', 'p99 ms', 'CPU ms each', 'refused'],
      rows: variants.map(({ name }) => [
        name,
        ...['perSecond', 'p50', 'p99', 'cpuEach', 'refused'].map((key) => medianOf(rounds, name, key)),
      ]),
      goals: [
        {
          what: 'events a second, times bare node:http + INSERT',
          measured: ratioOf(rounds, ['clawcloud', 'perSecond'], ['bare', 'perSecond']),
          atLeast: 1.4,
          stretch: 1.75,
        },
        {
          what: 'p99, times bare',
          measured: ratioOf(rounds, ['clawcloud', 'p99'], ['bare', 'p99']),
          atMost: 0.7,
          stretch: 0.55,
        },
      ],
      notes: ['"clawcloud" is the http role alone, as bare is; "all roles" also works on every event it has taken in.'],
      rounds,
    })
  } finally {
    await vendor.close()
    await postgres.stop()
  }
}

async function measureBare(postgres) {
  const port = await freePort()
  const server = startAnchor('webhook.js', {
    DATABASE_URL: await postgres.database('bare'),
    PORT: String(port),
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
  })
  await server.until(server.line('listening'), 'it listened')
  return measure(server, `http://127.0.0.1:${port}/stripe`)
}

async function measureOurs(postgres, accounts, roles) {
  const service = await startClawCloud({
    databaseUrl: await postgres.database('clawcloud'),
    env: { ROLES: roles, ...accounts },
  })
  await service.until(service.ready(), 'it was ready')
  return measure(service, `${service.root}/stripe`)
}

async function measure(server, url) {
  try {
    await load(url, WARM_UP_SECONDS)
    const before = cpuMs(server.pid)
    const result = await load(url, SECONDS)
    return { ...result, cpuEach: (cpuMs(server.pid) - before) / result.answered }
  } finally {
    await server.stop()
  }
}

async function load(url, seconds) {
  const program = start(process.execPath, [LOAD, url, WEBHOOK_SECRET, String(seconds), String(CONNECTIONS)])
  const line = await program.line('{"perSecond"')
  await program.exited
  return JSON.parse(line)
}
