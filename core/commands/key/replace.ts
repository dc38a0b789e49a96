import { z } from 'zod'
import { audited } from '../../access/index.ts'
import { note, t, view } from '../../chat/build.ts'
import { done, type FlowOutcome, flow } from '../../chat/flow.ts'
import { type ChatContext, placeOf, reply } from '../../chat/reply.ts'
import { rotateView } from '../../instances/index.ts'
import { handedKey, type KeySummary, PROVIDER_FACTS } from '../../keys/index.ts'
import { checkingStep, KeyAnswers, keyStep, type Places, providerOf } from '../key-steps.ts'

const ReplaceAnswers = KeyAnswers.extend({ instanceId: z.string().optional() })
type ReplaceAnswers = z.infer<typeof ReplaceAnswers>

type Facts = {
  readonly key: KeySummary | null
  readonly context: ChatContext
  readonly instance: ChatContext['instances'][number] | undefined
}

const PLACES: Places<ReplaceAnswers, Facts> = {
  flow: 'replace-key',
  keyStep: 'key',
  checkingStep: 'checking',
  modelStep: null,
  forward: rotate,
}

/** The key was tried on its own; now it is put in and has to answer, or the old one stays. */
function rotate(answers: ReplaceAnswers, { key, context, instance }: Facts): FlowOutcome<ReplaceAnswers> {
  const provider = providerOf(answers)
  if (!instance || !key || provider === null) return done(reply(view('key', [note(t('instance-gone'))])))
  const viewId = context.conversation.viewId ?? `rotate:${instance.id}`
  const name = PROVIDER_FACTS[provider].name
  const pending = { state: 'pending' as const, steps: [], note: null, problem: null }
  return done({
    views: [{ view: rotateView(viewId, instance, pending, { provider: name, last4: key.last4 }), place: 'edit' }],
    effects: [
      async (transaction) => {
        await context.services.operations.start(transaction, {
          kind: 'rotate-key',
          instanceId: instance.id,
          args: { keyId: key.id, last4: key.last4 },
          place: placeOf(context, viewId),
          requestId: context.requestId,
        })
      },
      audited(context, 'key-replaced', { provider: name, name: instance.name }),
    ],
  })
}

/** Another key of the same provider: handed over, tried, put in while the assistant runs, proven. */
export const replaceKeyFlow = flow<ReplaceAnswers, Facts>({
  name: PLACES.flow,
  needs: 'admin',
  version: 1,
  answers: ReplaceAnswers,
  first: 'key',
  facts: async (context, _step, answers) => ({
    key: await handedKey(context, answers.keyId),
    context,
    instance: context.instances.find((known) => known.id === answers.instanceId),
  }),
  steps: { key: keyStep(PLACES), checking: checkingStep(PLACES) },
})
