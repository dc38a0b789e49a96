import { z } from 'zod'
import { audited } from '../access/index.ts'
import { changeRenewal, renewableOrder } from '../billing/index.ts'
import { button, buttons, fields, note, paragraph, t, title, view } from '../chat/build.ts'
import { again, answerPress, chosen, done, flow } from '../chat/flow.ts'
import { type ChatContext, placeOf, reply } from '../chat/reply.ts'
import { destroyView } from '../instances/index.ts'
import { command } from './command.ts'
import { NAME_MAX } from './deploy/index.ts'

const DestroyAnswers = z.object({ instanceId: z.string().optional() })
type Facts = {
  readonly instance: ChatContext['instances'][number] | undefined
  /** Its paid time could be used up instead; null if there is none, or that is decided already. */
  readonly renewable: NonNullable<Awaited<ReturnType<typeof renewableOrder>>> | null
  readonly context: ChatContext
}

/** Says what is kept and lost, and wants the name typed: the one thing here that can't be undone. */
export const destroyFlow = flow<z.infer<typeof DestroyAnswers>, Facts>({
  name: 'destroy',
  needs: 'admin',
  version: 1,
  answers: DestroyAnswers,
  first: 'confirm',
  async facts(context, _step, answers) {
    const instance = context.instances.find((known) => known.id === answers.instanceId)
    const order = instance ? await renewableOrder(context.services, instance.id) : null
    return { instance, renewable: order?.endsAt === null ? order : null, context }
  },
  steps: {
    confirm: {
      ask: (_answers, { instance, renewable }) =>
        instance === undefined
          ? [note(t('instance-gone'))]
          : [
              title(t('destroy-title', { name: instance.name })),
              renewable !== null &&
                instance.cycleEndsAt !== null &&
                paragraph(t('destroy-instead', { name: instance.name, date: { date: instance.cycleEndsAt.toISOString() } })),
              renewable !== null && buttons(button(t('destroy-button-instead'), answerPress({ instead: true }, true), 'primary')),
              fields(
                [t('destroy-lost'), t('destroy-lost-value')],
                [t('destroy-kept'), t('destroy-kept-value')],
                [t('destroy-money'), t('destroy-money-value')],
              ),
              {
                kind: 'form',
                name: 'confirm',
                fields: [{ name: 'typed', label: t('destroy-type-name', { name: instance.name }), maxLength: NAME_MAX * 4 }],
                submitLabel: t('destroy-submit'),
                danger: true,
                press: answerPress({}),
              },
            ],
      answer(_answers, input, { instance, renewable, context }) {
        if (!instance) return done(reply(view('destroy', [note(t('instance-gone'))])))
        if (input.kind === 'press' && input.args.instead === true && renewable) {
          const kept = changeRenewal(context, renewable, false)
          const written = audited(context, 'renewal-off', { name: instance.name })
          return done({ ...kept, effects: [...(kept.effects ?? []), written] })
        }
        const typed = input.kind === 'text' ? input.text : chosen(input, 'typed')
        if (typeof typed !== 'string' || typed.trim().normalize('NFKC') !== instance.name.normalize('NFKC'))
          return again(t('destroy-name-differs', { name: instance.name }))
        const place = placeOf(context, `destroy:${instance.id}`)
        return done({
          views: [{ view: destroyView(instance, { state: 'pending', steps: [], note: null, problem: null }), place: 'here' }],
          effects: [
            async (transaction) => {
              await context.services.operations.start(transaction, {
                kind: 'destroy',
                instanceId: instance.id,
                args: { cancelSubscription: true },
                place,
                requestId: context.requestId,
              })
            },
            audited(context, 'destroy', { name: instance.name }),
          ],
        })
      },
    },
  },
})

export const destroy = command({
  name: 'destroy',
  description: 'command-destroy',
  needs: 'admin',
  argument: 'instance',
  run: (context) => destroyFlow.start(context, { instanceId: context.instance.id }),
})
