import { z } from 'zod'
import { ProblemError } from '../problem.ts'
import { gatewayOf, instanceOf } from './instance.ts'
import { chainFor, readModelSettings } from './model-settings.ts'
import { healedView } from './model-views.ts'
import { operationKind, step } from './step.ts'

const Args = z.object({ found: z.enum(['configured', 'pinned', 'answered', 'fallbacks']), name: z.string() })
export type Healing = z.infer<typeof Args>

const configure = step({
  name: 'configure',
  deadlineSeconds: 60,

  async run(context) {
    const { services, operation } = context
    const settings = await readModelSettings(services, operation.instanceId ?? '')
    if (!settings) throw new ProblemError({ code: 'instance-gone', retryable: false, text: { id: 'instance-gone' } })
    const alone = { ...settings, fallbackModels: [] }
    const chain = await chainFor(services, settings, settings.model).catch(() => chainFor(services, alone, settings.model))
    const set = await (await gatewayOf(services, await instanceOf(context))).setModels(chain)
    if (!set.ok) throw new ProblemError(set.problem)
  },
})

/** Puts an assistant back on the model of its row, and tells the owner in one sentence, once a day at most. */
export const healModelOperation = operationKind({
  kind: 'heal-model',
  exclusive: true,
  steps: [configure],

  async succeeded(transaction, { operation, services }) {
    const { found, name } = Args.parse(operation.args)
    if (found !== 'configured' && found !== 'pinned') return
    const instance = await transaction.instance.findUniqueOrThrow({ where: { id: operation.instanceId ?? '' } })
    await services.notices.post(transaction, {
      platform: instance.platform,
      chatId: instance.chatId,
      userId: instance.userId,
      language: instance.language,
      view: healedView(instance, name, found),
      place: 'new',
      dedupeKey: `model-healed:${instance.id}:${services.clock.now().toISOString().slice(0, 10)}`,
    })
  },
})
