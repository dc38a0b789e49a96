import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPlans } from '../../../core/billing/index.ts'
import type { ChatContext, Reply } from '../../../core/chat/reply.ts'
import { deployFlow } from '../../../core/commands/deploy/index.ts'
import { createCatalogue } from '../../../core/models/index.ts'
import { ProblemError } from '../../../core/problem.ts'
import { quietLog } from '../../support/services.ts'
import { type BillingWorld, startBilling } from '../billing/harness.ts'

const MODEL = 'anthropic/claude-sonnet-4.6'

let world: BillingWorld
let context: ChatContext
beforeEach(async () => {
  world = await startBilling()
  const { clock } = world.services
  const catalogue = createCatalogue({
    fetchModels: async () => [
      { id: MODEL, name: 'Sonnet', contextTokens: 1, promptMicrosPerMillion: 1, completionMicrosPerMillion: 1 },
    ],
    clock,
    log: quietLog,
  })
  const answers = { path: ['name', 'plan', 'model'], given: { name: 'Scout', planId: 'lite', model: MODEL } }
  const { conversation, ...more } = world.context()
  context = {
    ...more,
    services: { ...world.services, catalogue, plans: createPlans({ pool: world.pool, clock }) },
    conversation: { ...conversation, flow: 'deploy', version: 1, step: 'review', answers, viewId: 'deploy:1' },
  }
})
afterEach(() => world.close())

const words = (reply: Reply) => JSON.stringify(reply.views)
const pressPay = () => deployFlow.answer(context, { kind: 'press', args: { pay: true } })
const carryOut = (reply: Reply) =>
  world.prisma.$transaction(async (transaction) => {
    for (const effect of reply.effects ?? []) await effect(transaction)
  })

describe('the review of an order', () => {
  it('offers no payment while the hosts are full, says what to do next, and offers it again when there is a place', async () => {
    world.places.total = 1
    world.places.used = 1
    const full = await deployFlow.redraw(context)
    expect(words(full)).toContain('deploy-review-full')
    expect(words(full)).toContain('deploy-review-look-again')
    expect(words(full)).not.toContain('deploy-review-pay')

    world.places.used = 0
    const looked = await deployFlow.answer(context, { kind: 'press', args: { look: true } })
    expect(words(looked)).toContain('deploy-review-pay')
    expect(looked.effects ?? []).toEqual([])
  })

  it('offers no payment while the disk is known to be full or the runtime can’t be fetched, and says why not', async () => {
    Object.assign(world.places, { total: 0, used: 0, trouble: 'disk-full' })
    const hindered = await deployFlow.redraw(context)
    expect(words(hindered)).toContain('deploy-review-hindered')
    expect(words(hindered)).not.toContain('deploy-review-pay')
    // Who had pressed in the moment before is refused too, before anything is charged.
    await expect(world.place()).rejects.toMatchObject({ problem: { code: 'host-hindered' } })

    // A gateway that waits started needs no more of either.
    await world.pool.query(
      `INSERT INTO standbys (id, host_provider, host_id, runtime_version, gateway_token_sealed, state)
       VALUES ('sby_1', 'local', 'oc-standby-1', '1', '', 'ready')`,
    )
    Object.assign(world.places, { total: 1, used: 1 })
    expect(words(await deployFlow.redraw(context))).toContain('deploy-review-pay')
  })

  it('counts the orders that others are about to pay', async () => {
    world.places.total = 1
    await world.place({ instanceName: 'Luna' }, 'row')
    expect(words(await deployFlow.redraw(context))).toContain('deploy-review-full')
  })

  it('takes no order when the last place went between the screen and the press', async () => {
    world.places.total = 1
    expect(words(await deployFlow.redraw(context))).toContain('deploy-review-pay')
    world.places.used = 1
    const pressed = await pressPay()
    expect(words(pressed)).toContain('deploy-review-full')
    expect(pressed.effects ?? []).toEqual([])
  })

  it('is checked once more with the order itself, so that two never get the last place', async () => {
    world.places.total = 1
    const pressed = await pressPay()
    await world.place({ instanceName: 'Luna' }, 'row')
    const refused = await carryOut(pressed).then(
      () => null,
      (error: unknown) => error,
    )
    expect(refused instanceof ProblemError && refused.problem.code).toBe('host-full')
  })

  it('does not turn anybody away because the places could not be counted', async () => {
    const hosts = { ...world.services.hosts, capacity: async () => Promise.reject(new Error('no answer')) }
    const asked = await deployFlow.redraw({ ...context, services: { ...context.services, hosts } })
    expect(words(asked)).toContain('deploy-review-pay')
  })
})
