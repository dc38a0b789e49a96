import { z } from 'zod'
import { audited } from '../access/index.ts'
import { fields, note, t, title, view } from '../chat/build.ts'
import { again, answerPress, chosen, done, flow } from '../chat/flow.ts'
import { type ChatContext, placeOf, reply } from '../chat/reply.ts'
import { destroyView } from '../instances/index.ts'
import { command } from './command.ts'
import { NAME_MAX } from './deploy/index.ts'

const DestroyAnswers = z.object({ instanceId: z.string().optional() })
type Facts = { readonly instance: ChatContext['instances'][number] | undefined; readonly context: ChatContext }

/** Says what is kept and lost, and wants the name typed: the one thing here that can't be undone. */
export const destroyFlow = flow<z.infer<typeof DestroyAnswers>, Facts>({
  name: 'destroy',
  needs: 'admin',
  version: 1,
  answers: DestroyAnswers,
  first: 'confirm',
  facts: async (context, _step, answers) => ({
    instance: context.instances.find((known) => known.id === answers.instanceId),
    context,
  }),
  steps: {
    confirm: {
      ask: (_answers, { instance }) =>
        instance === undefined
          ? [note(t('instance-gone'))]
          : [
              title(t('destroy-title', { name: instance.name })),
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
                press: answerPress({}),
              },
            ],
      answer(_answers, input, { instance, context }) {
        if (!instance) return done(reply(view('destroy', [note(t('instance-gone'))])))
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
