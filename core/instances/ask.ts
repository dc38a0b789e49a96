import { ProblemError } from '../problem.ts'
import { gatewayOf, instanceOf } from './instance.ts'
import { operationKind, step } from './step.ts'
import { askView } from './views.ts'

/** An assistant that uses tools may work for minutes. */
const ANSWER_SECONDS = 240

/** One that is written while another is awaited; more would only wait inside the assistant and hold places of others. */
const QUESTIONS_PER_INSTANCE = 2

const turn = step({
  name: 'turn',
  deadlineSeconds: ANSWER_SECONDS + 10,
  async run(context) {
    const { operation, services, save } = context
    const gateway = await gatewayOf(services, await instanceOf(context))
    const answered = await gateway.ask(String(operation.args.message), {
      key: operation.id,
      session: `clawcloud-${String(operation.args.personId)}`,
      timeoutSeconds: ANSWER_SECONDS,
    })
    if (!answered.ok) throw new ProblemError({ ...answered.problem, retryable: false })
    await save({ text: answered.value.text, model: answered.value.model })
  },
})

/** One question to the assistant. Neither question nor answer is kept here once it was shown. */
export const askOperation = operationKind({
  kind: 'ask',
  exclusive: false,
  limit: { most: QUESTIONS_PER_INSTANCE, text: { id: 'ask-busy', args: { most: QUESTIONS_PER_INSTANCE } } },
  steps: [turn],

  async succeeded(transaction, { operation }) {
    await transaction.operation.update({ where: { id: operation.id }, data: { args: {}, data: {} } })
  },
  async failed(transaction, { operation }) {
    await transaction.operation.update({ where: { id: operation.id }, data: { args: {}, data: {} } })
  },

  async view(progress, context) {
    const { data, place } = context.operation
    if (!place || progress.state === 'running' || progress.state === 'undoing') return null
    const answer =
      typeof data.text === 'string' ? { text: data.text, model: typeof data.model === 'string' ? data.model : null } : undefined
    return askView(place.viewId, await instanceOf(context), progress, answer)
  },
})
