import { note, t, view } from '../chat/build.ts'
import { placeOf, reply } from '../chat/reply.ts'
import type { InstanceSummary } from '../chat/store.ts'
import type { Block } from '../chat/view.ts'
import { askView } from '../instances/index.ts'
import { command } from './command.ts'
import { commandPress } from './instances.ts'

/** Longest question: what every platform can send in one message, with room to spare. */
const QUESTION_MAX = 8000

/** What one form field takes on every platform that has forms. A longer question is typed behind the command. */
const FIELD_MAX = 4000

const questionForm = (instance: InstanceSummary): Block => ({
  kind: 'form',
  name: 'ask',
  fields: [{ name: 'argument', label: t('ask-field'), maxLength: FIELD_MAX }],
  submitLabel: t('ask-submit'),
  press: commandPress('ask', instance),
  inWords: t('ask-how', { name: instance.name }),
})

export const ask = command({
  name: 'ask',
  description: 'command-ask',
  // Every answer spends the owner's credit.
  needs: 'member',
  argument: 'instance-and-text',
  option: { description: 'option-ask' },

  async run(context, { argument }) {
    const { instance } = context
    if (argument === '') return reply(view(`ask:${instance.id}`, [questionForm(instance)]))
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
