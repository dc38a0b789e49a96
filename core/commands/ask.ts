import { note, t, view } from '../chat/build.ts'
import { placeOf, reply } from '../chat/reply.ts'
import { askView } from '../instances/index.ts'
import { command } from './command.ts'

/** Longest question: what every platform can send in one message, with room to spare. */
const QUESTION_MAX = 8000

export const ask = command({
  name: 'ask',
  description: 'command-ask',
  // Every answer spends the owner's credit.
  needs: 'member',
  argument: 'instance-and-text',
  option: { description: 'option-ask' },

  async run(context, { argument }) {
    const { instance } = context
    if (argument === '') return reply(view(`ask:${instance.id}`, [note(t('ask-how', { name: instance.name }))]))
    if (argument.length > QUESTION_MAX)
      return reply(
        view(`ask:${instance.id}`, [note(t('ask-long', { length: argument.length, most: QUESTION_MAX }))], { tone: 'warning' }),
      )
    if (instance.state !== 'running')
      return reply(view(`ask:${instance.id}`, [note(t('instance-not-running', { name: instance.name }))], { tone: 'warning' }))
    const viewId = `ask:${context.requestId}`
    return {
      views: [{ view: askView(viewId, instance, { state: 'pending', steps: [], note: null, problem: null }), place: 'new' }],
      effects: [
        async (transaction) => {
          await context.services.operations.start(transaction, {
            kind: 'ask',
            instanceId: instance.id,
            args: { message: argument, personId: context.personId },
            place: placeOf(context, viewId),
            requestId: context.requestId,
          })
        },
      ],
    }
  },
})
