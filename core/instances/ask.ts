import type { JsonObject } from '../chat/view.ts'
import { type Answer, askView } from './ask-view.ts'
import { gatewayOf, instanceOf } from './instance.ts'
import { throwModelProblem } from './model-problems.ts'
import { operationKind, step } from './step.ts'

/** An assistant that uses tools may work for minutes. */
const ANSWER_SECONDS = 240

/** One that is written while another is awaited; more would only wait inside the assistant and hold places of others. */
const QUESTIONS_PER_INSTANCE = 2

const turn = step({
  name: 'turn',
  deadlineSeconds: ANSWER_SECONDS + 10,
  async run(context) {
    const { operation, services, save } = context
    const instance = await instanceOf(context)
    const gateway = await gatewayOf(services, instance)
    const answered = await gateway.ask(String(operation.args.message), {
      key: operation.id,
      session: `clawcloud-${String(operation.args.personId)}`,
      timeoutSeconds: ANSWER_SECONDS,
      mayFallBack: instance.fallbackModels.length > 0,
    })
    if (!answered.ok) return throwModelProblem(services, instance, { ...answered.problem, retryable: false })
    const { text, model, fellBack } = answered.value
    await save({ text, model, insteadOf: fellBack === null ? null : instance.model })
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
    return askView(place.viewId, await instanceOf(context), progress, answerIn(data))
  },
})

const words = (value: unknown) => (typeof value === 'string' ? value : null)
const answerIn = ({ text, model, insteadOf }: JsonObject): Answer | undefined =>
  typeof text === 'string' ? { text, model: words(model), insteadOf: words(insteadOf) } : undefined
