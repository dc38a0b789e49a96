import { audited } from '../access/index.ts'
import { note, t, view } from '../chat/build.ts'
import { placeOf, reply } from '../chat/reply.ts'
import { allowedActions, restartView } from '../instances/index.ts'
import { command } from './command.ts'

export const restart = command({
  name: 'restart',
  description: 'command-restart',
  needs: 'admin',
  argument: 'instance',

  async run(context) {
    const { instance } = context
    if (!allowedActions(instance.state).includes('restart'))
      return reply(
        view(
          `restart:${instance.id}`,
          [note(t('instance-not-now', { name: instance.name, state: { text: t(`instance-state-${instance.state}`) } }))],
          { tone: 'warning' },
        ),
      )
    const place = placeOf(context, `restart:${instance.id}`)
    return {
      views: [{ view: restartView(instance, { state: 'pending', steps: [], note: null, problem: null }), place: 'new' }],
      effects: [
        async (transaction) => {
          await context.services.operations.start(transaction, {
            kind: 'restart',
            instanceId: instance.id,
            place,
            requestId: context.requestId,
          })
        },
        audited(context, 'restart', { name: instance.name }),
      ],
    }
  },
})
