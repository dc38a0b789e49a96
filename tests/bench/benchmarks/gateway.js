import { mkdir, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { createBotApi } from '../harness/bot-api.js'
import { customer } from '../harness/customer.js'
import { pause } from '../harness/load.js'
import { findRuntime, startBareGateway, startCannedModel } from '../harness/openclaw.js'
import { startPostgres } from '../harness/postgres.js'
import { median, report } from '../harness/report.js'
import { interleave, medianOf, ratioOf } from '../harness/rounds.js'
import { startClawCloud } from '../harness/service.js'

const FIRST = 'anthropic/claude-sonnet-4.6'
const SECOND = 'openai/gpt-5.4'
const SWITCHES = 4

/** From paid to "ready", and from a press in /model to the proven model, with a real OpenClaw on both sides. */
export default async function gateway() {
  const runtime = findRuntime()
  const postgres = await startPostgres()
  const model = await startCannedModel()
  try {
    const variants = [
      { name: 'bare gateway', run: () => bare(runtime, model.root) },
      { name: 'clawcloud', run: () => ours(postgres, false) },
      { name: 'clawcloud, standby', run: () => ours(postgres, true) },
    ]
    const rounds = await interleave(variants)
    return await report('gateway', {
      title: 'A deploy and a change of model with a real OpenClaw',
      columns: ['paid to ready (bare: start and first turn), s', 'change of model, proven, s'],
      rows: variants.map(({ name }) => [name, medianOf(rounds, name, 'readySeconds'), medianOf(rounds, name, 'switchSeconds')]),
      goals: [
        {
          what: 'paid to ready, times bare start and first turn',
          measured: ratioOf(rounds, ['clawcloud', 'readySeconds'], ['bare gateway', 'readySeconds']),
          atMost: 1.2,
        },
        {
          what: '/model to proven, times the bare calls and a turn',
          measured: ratioOf(rounds, ['clawcloud', 'switchSeconds'], ['bare gateway', 'switchSeconds']),
          atMost: 1.5,
        },
      ],
      notes: [
        '"paid" is the moment the payment page is sent off, so the way of the webhook is in it. "standby" claims a gateway started ahead.',
      ],
      rounds,
    })
  } finally {
    await model.close()
    await postgres.stop()
  }
}

async function bare(runtime, modelApiRoot) {
  const began = performance.now()
  const one = await startBareGateway({ runtime, modelApiRoot, model: FIRST })
  try {
    await one.turn('Say hello.')
    const readySeconds = (performance.now() - began) / 1000
    const switches = []
    for (let i = 0; i < SWITCHES; i++) {
      const start = performance.now()
      await one.switchModel(i % 2 === 0 ? SECOND : FIRST)
      await one.turn('Answer with one word.')
      switches.push((performance.now() - start) / 1000)
    }
    return { readySeconds, switchSeconds: median(switches) }
  } finally {
    await one.stop()
  }
}

/** In the sandbox: the stand-ins run inside the service, as they do for whoever tries it. */
async function ours(postgres, standby) {
  const api = await createBotApi()
  const dataDirectory = resolve('.cache/bench/gateway-data')
  await rm(dataDirectory, { recursive: true, force: true })
  await mkdir(dataDirectory, { recursive: true })
  const service = await startClawCloud({
    databaseUrl: await postgres.database('gateway'),
    telegramRoot: api.root,
    dataDirectory,
    env: { STANDBY_GATEWAYS: standby ? '1' : '0' },
  })
  const person = customer(api, 0)
  try {
    await service.until(api.firstPoll(), 'it polled')
    await service.ready()
    if (standby) await standbyReady(postgres)
    const readySeconds = await service.until(deploy(person), 'the assistant was ready')
    const switches = []
    for (let i = 0; i < SWITCHES; i++) {
      await person.say('/model', /: model/)
      if (i % 2 === 0) {
        switches.push((await service.until(person.press(/GPT-5\.4/, /now uses/), 'the model had changed')) / 1000)
        continue
      }
      // Back to the dearer one: the press that counts is the one under what it costs.
      await person.press(/Sonnet/, /Change .*Sonnet/)
      switches.push((await service.until(person.press(/^Change to/, /now uses/), 'the model had changed')) / 1000)
    }
    await person.say('/destroy', /Delete/)
    await service.until(person.say('bench', /is deleted/), 'it was destroyed')
    return { readySeconds, switchSeconds: median(switches) }
  } finally {
    await service.stop('SIGINT')
    await api.close()
  }
}

async function deploy(person) {
  await person.say('/deploy', /What shall it be called/)
  await person.say('bench', /A plan for/)
  await person.press(/Pro/, /Which model/)
  await person.press(/Sonnet/, /Is this right/)
  await person.press(/Continue to payment/, /./)
  while (person.link() === null) await pause(50)
  const ready = person.sees(/is ready/)
  const paid = await payWithTestCard(person.link())
  return ((await ready) - paid) / 1000
}

/** Fills in the sandbox's payment page as a browser would. Resolves with the moment it was sent off. */
async function payWithTestCard(url) {
  const page = await (await fetch(url)).text()
  const action = /<form[^>]*action="([^"]+)"/.exec(page)?.[1] ?? url
  const fields = new URLSearchParams()
  for (const [input] of page.matchAll(/<input[^>]*>/g)) {
    const name = /name="([^"]+)"/.exec(input)?.[1]
    if (name) fields.set(name, /value="([^"]*)"/.exec(input)?.[1] ?? '')
  }
  for (const name of fields.keys()) {
    if (/number|card/i.test(name)) fields.set(name, '4242424242424242')
    else if (/exp/i.test(name)) fields.set(name, '12/34')
    else if (/cvc|code/i.test(name)) fields.set(name, '123')
    else if (/name/i.test(name)) fields.set(name, 'Bench')
  }
  const sent = performance.now()
  const answer = await fetch(new URL(action, url), { method: 'POST', body: fields, redirect: 'manual' })
  if (answer.status >= 400) throw new Error(`The payment page refused: ${answer.status} ${(await answer.text()).slice(0, 500)}`)
  return sent
}

async function standbyReady(postgres) {
  const until = performance.now() + 180_000
  while (performance.now() < until) {
    const rows = await postgres.query('gateway', `SELECT 1 FROM standbys WHERE state = 'ready'`)
    if (rows.length > 0) return
    await pause(250)
  }
  throw new Error('No standby gateway was ready after three minutes.')
}
