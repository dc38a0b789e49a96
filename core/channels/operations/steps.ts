import { setTimeout as wait } from 'node:timers/promises'
import { ProblemError } from '../../problem.ts'
import { type Channel, channelOfOperation, platformNameOf } from '../channel.ts'
import { checkToken, setupOf } from '../check.ts'
import { gatewayOfChannel } from '../gateway-of.ts'
import { channelProblem } from '../problems.ts'
import { shownName } from '../shown-name.ts'
import { type ChannelStepContext, step } from '../step.ts'

/** A bot's first connection takes two to ten seconds; a busy machine several times that. */
const UP_SECONDS = 60
const UP_POLL_MS = 400

const check = step({
  name: 'check',
  deadlineSeconds: 45,
  progress: 'connect-progress-check',
  async run(context) {
    const channel = await channelOfOperation(context)
    const checked = await checkToken(context.services, channel)
    if (!checked.ok) throw new ProblemError(checked.problem)
    const { name, externalId, learned } = checked.value
    // What else is remembered of it may have changed while the platform was asked: who may talk to it, above all.
    await context.services.database.pool.query(
      'UPDATE channels SET name = $2, external_id = $3, settings = settings || $4::jsonb WHERE id = $1',
      [channel.id, name, externalId, JSON.stringify(learned)],
    )
  },
})

const prepare = step({
  name: 'prepare',
  deadlineSeconds: 360,
  progress: 'connect-progress-prepare',
  async run(context) {
    const channel = await channelOfOperation(context)
    const gateway = await gatewayOfChannel(context.services, channel)
    const prepared = await gateway.channels.prepare(channel.kind)
    if (!prepared.ok) throw new ProblemError(prepared.problem)
  },
})

const configure = step({
  name: 'configure',
  deadlineSeconds: 150,
  progress: 'connect-progress-configure',
  async run(context) {
    const channel = await channelOfOperation(context)
    const gateway = await gatewayOfChannel(context.services, channel)
    const connected = await gateway.channels.connect(setupOf(context.services, channel))
    if (!connected.ok) throw new ProblemError(connected.problem)
  },
})

/** It counts as connected when OpenClaw says that the platform answered it. */
export const prove = step({
  name: 'prove',
  deadlineSeconds: UP_SECONDS + 10,
  progress: 'connect-progress-prove',
  async run(context) {
    const channel = await channelOfOperation(context)
    const gateway = await gatewayOfChannel(context.services, channel)
    const deadline = performance.now() + UP_SECONDS * 1000
    for (;;) {
      const status = await gateway.channels.status(channel.kind)
      if (!status.ok) throw new ProblemError(status.problem)
      const { state, detail } = status.value
      if (state === 'connected') return
      if (state === 'refused')
        throw new ProblemError(channelProblem('channel-token-refused', { platform: platformNameOf(channel.kind) }, detail))
      // The first minute after a change of tokens may still show the old conflict.
      if (performance.now() > deadline)
        throw new ProblemError(
          state === 'conflict'
            ? channelProblem('channel-in-use', { name: shownName(channel) }, detail)
            : { ...channelProblem('channel-not-up', { platform: platformNameOf(channel.kind) }, detail), retryable: false },
        )
      await wait(UP_POLL_MS, undefined, { signal: context.signal })
    }
  },
})

/** Says hello if the platform lets it; if not, the supervisor does as soon as its owner has written. Silent. */
const greet = step({
  name: 'greet',
  deadlineSeconds: 30,
  async run(context) {
    await sayHello(context, await channelOfOperation(context))
  },
})

export async function sayHello({ services }: Pick<ChannelStepContext, 'services'>, channel: Channel): Promise<boolean> {
  const [owner] = channel.allowed
  if (channel.greetedAt !== null || owner === undefined) return false
  const prisma = await services.database.prisma()
  const instance = await prisma.instance.findUniqueOrThrow({ where: { id: channel.instanceId } })
  const words = services.localiser.text(
    { id: 'channel-hello', args: { name: instance.name } },
    services.localiser.nearest(instance.language),
  )
  const gateway = await gatewayOfChannel(services, channel)
  // A key of its own for each try: OpenClaw remembers a refusal, too. A crash right behind it costs a second hello.
  const key = `hello-${channel.id}-${services.clock.now().getTime()}`
  const said = await gateway.channels.say(channel.kind, owner, words, key)
  if (!said.ok) {
    services.log.info({ channelId: channel.id, problem: said.problem.code }, 'an assistant could not say hello yet')
    return false
  }
  await prisma.channel.update({ where: { id: channel.id }, data: { greetedAt: services.clock.now() } })
  return true
}

/** From a token to a channel that works. */
export const connectSteps = [check, prepare, configure, prove, greet]
