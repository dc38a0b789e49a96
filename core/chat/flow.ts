import { z } from 'zod'
import type { Role } from '../access/index.ts'
import { button, buttons, note, press, t, view } from './build.ts'
import { lastOf, removedNote, SECRET_FIELD, type SecretAsked, waysToHandOver } from './hand-over.ts'
import type { ChatContext, Effect, FlowState, Reply } from './reply.ts'
import type { Block, JsonObject, JsonValue, Text, Tone } from './view.ts'

/** A half-finished flow is kept this long; the person is told when it has expired. */
export const FLOW_HOURS = 24

/** What a person gave a step: words, or a button's arguments. */
export type FlowInput =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'press'; readonly args: JsonObject }
  /** Only for a step that asks for one; without the blanks and quotes that came along. Seal it in an effect, keep it nowhere else. */
  | { readonly kind: 'secret'; readonly value: string; readonly last4: string }
  /** Only for a step that waits: the work it started is over. */
  | { readonly kind: 'wake' }

/** What an answer does. `again` asks the same once more with a reason; `done` ends the flow with a reply of its own. */
export type FlowOutcome<Answers> =
  | { readonly kind: 'next'; readonly step: string; readonly answers: Answers; readonly effects?: readonly Effect[] }
  | { readonly kind: 'stay'; readonly answers: Answers; readonly effects?: readonly Effect[] }
  | { readonly kind: 'again'; readonly problem: Text }
  | { readonly kind: 'done'; readonly reply: Omit<Reply, 'flow'> }

type Carried = { readonly effects?: readonly Effect[] }
export const next = <A>(step: string, answers: A, carried: Carried = {}): FlowOutcome<A> => ({
  kind: 'next',
  step,
  answers,
  ...carried,
})
export const stay = <A>(answers: A, carried: Carried = {}): FlowOutcome<A> => ({ kind: 'stay', answers, ...carried })
export const again = (problem: Text): { kind: 'again'; problem: Text } => ({ kind: 'again', problem })
export const done = (reply: Omit<Reply, 'flow'>): { kind: 'done'; reply: Omit<Reply, 'flow'> } => ({ kind: 'done', reply })

/** One question. Both functions are pure; what they need from outside comes in `facts`. */
export type FlowStep<Answers, Facts> = {
  ask(answers: Answers, facts: Facts): readonly (Block | false | null)[]
  answer(answers: Answers, input: FlowInput, facts: Facts): FlowOutcome<Answers>
  /** It asks for a secret, or null if not just now; the ways to hand one over are drawn beside what `ask` returns. */
  secret?(answers: Answers, facts: Facts): SecretAsked | null
  /** It waits for an operation, which wakes it (wake-flow.ts); a step that does not is only drawn anew then. */
  readonly wakes?: boolean
}

export type FlowDefinition<Answers extends JsonObject, Facts> = {
  readonly name: string
  /** The role every step needs, not only the first: who loses it on the way goes no further. */
  readonly needs: Role
  /** Raised when stored answers of an older build can't be used: such a flow begins again, politely. */
  readonly version: number
  readonly answers: z.ZodType<Answers>
  readonly first: string
  readonly steps: Readonly<Record<string, FlowStep<Answers, Facts>>>
  facts(context: ChatContext, step: string, answers: Answers): Promise<Facts>
}

/** A flow with its types closed over, as the router holds it. */
export type Flow = {
  readonly name: string
  readonly needs: Role
  start(context: ChatContext, answers: JsonObject): Promise<Reply>
  /** Runs the present step with an input. */
  answer(context: ChatContext, input: FlowInput): Promise<Reply>
  back(context: ChatContext): Promise<Reply>
  restart(context: ChatContext): Promise<Reply>
  /** The present question again, changing nothing: for stale presses. */
  redraw(context: ChatContext): Promise<Reply>
  /** Answers the present step with the secret of `context.handed`; null if the step asks for none. */
  takeSecret(context: ChatContext): Promise<Reply | null>
  /** Work that the present step may wait for is over. */
  wake(context: ChatContext): Promise<Reply>
}

/** The stored answers: the person's, and the way they came, which is what Back walks. */
const Stored = z.object({ path: z.array(z.string()), given: z.record(z.string(), z.json()) })

const NAVIGATION = { back: 'flow.back', restart: 'flow.restart', cancel: 'flow.cancel', answer: 'flow.answer' } as const

export { NAVIGATION as FLOW_ACTIONS }

/** What a press chose: the words in one of its arguments, or of a form's field. */
export const chosen = (input: FlowInput, field: string): string | null => {
  const value = input.kind === 'press' ? input.args[field] : null
  return typeof value === 'string' ? value : null
}

/** A button inside a flow step. */
export const answerPress = (args: JsonObject, once = false) => press(NAVIGATION.answer, args, { once })

export function flow<Answers extends JsonObject, Facts>(definition: FlowDefinition<Answers, Facts>): Flow {
  type State = { step: string; path: readonly string[]; answers: Answers; viewId: string }

  function stepOf(name: string): FlowStep<Answers, Facts> {
    const step = definition.steps[name]
    if (!step) throw new Error(`flow ${definition.name} has no step ${name}`)
    return step
  }

  /** Null when the stored state is of another build or damaged. */
  function load(context: ChatContext): State | null {
    const { conversation } = context
    const stored = Stored.safeParse(conversation.answers)
    if (conversation.flow !== definition.name || conversation.version !== definition.version || !stored.success) return null
    const answers = definition.answers.safeParse(stored.data.given)
    if (!answers.success || !conversation.step || !definition.steps[conversation.step] || !conversation.viewId) return null
    return { step: conversation.step, path: stored.data.path, answers: answers.data, viewId: conversation.viewId }
  }

  function flowState(state: State): FlowState {
    return {
      flow: definition.name,
      version: definition.version,
      step: state.step,
      answers: { path: state.path as readonly JsonValue[], given: withoutUndefined(state.answers) },
      viewId: state.viewId,
    }
  }

  /** The question as it stands: the flow's message, what only the asked may see, and what asking it writes. */
  async function question(context: ChatContext, state: State, problem?: Text): Promise<Reply> {
    const facts = await definition.facts(context, state.step, state.answers)
    const step = stepOf(state.step)
    const tone: Tone = problem ? 'warning' : 'info'
    const asked = step.secret?.(state.answers, facts) ?? null
    const at = { flow: definition.name, step: state.step, viewId: state.viewId, press: answerPress({}) }
    const ways = asked && waysToHandOver(context, asked, at)
    const shown = view(
      state.viewId,
      [
        ...step.ask(state.answers, facts),
        ...(ways?.blocks ?? []),
        removedNote(context),
        problem !== undefined && note(problem),
        buttons(
          state.path.length > 0 && button(t('flow-back'), press(NAVIGATION.back), 'quiet'),
          state.path.length > 0 && button(t('flow-restart'), press(NAVIGATION.restart), 'quiet'),
          button(t('flow-cancel'), press(NAVIGATION.cancel), 'quiet'),
        ),
      ],
      { tone },
    )
    // Nobody pressed or typed here: it goes on where it stands.
    const elsewhere = context.incoming.content.kind === 'handed' || context.incoming.content.kind === 'wake'
    return {
      views: [
        { view: shown, place: elsewhere ? 'edit' : 'here' },
        ...(ways?.alone ? [{ view: ways.alone, place: 'new' as const }] : []),
      ],
      ...(ways && { effects: [ways.effect] }),
    }
  }

  async function show(context: ChatContext, state: State, effects: readonly Effect[] = [], problem?: Text): Promise<Reply> {
    const asked = await question(context, state, problem)
    const all = [...effects, ...(asked.effects ?? [])]
    return { ...asked, flow: flowState(state), ...(all.length > 0 && { effects: all }) }
  }

  async function at(context: ChatContext, state: State): Promise<{ facts: Facts; asked: boolean }> {
    const facts = await definition.facts(context, state.step, state.answers)
    return { facts, asked: (stepOf(state.step).secret?.(state.answers, facts) ?? null) !== null }
  }

  async function conclude(
    context: ChatContext,
    state: State,
    facts: Facts,
    input: FlowInput | { readonly problem: Text },
  ): Promise<Reply> {
    const outcome = 'problem' in input ? again(input.problem) : stepOf(state.step).answer(state.answers, input, facts)
    switch (outcome.kind) {
      case 'again':
        return show(context, state, [], outcome.problem)
      case 'stay':
        return show(context, { ...state, answers: outcome.answers }, outcome.effects)
      case 'next': {
        const path = [...state.path, state.step]
        return show(context, { ...state, step: outcome.step, path, answers: outcome.answers }, outcome.effects)
      }
      case 'done':
        return { ...outcome.reply, flow: null }
    }
  }

  async function start(context: ChatContext, given: JsonObject): Promise<Reply> {
    const answers = definition.answers.parse(given)
    return show(context, {
      step: definition.first,
      path: [],
      answers,
      viewId: `${definition.name}:${context.services.ids.create('run')}`,
    })
  }

  /** Begins again where stored state is unusable, and says so. */
  async function beginAgain(context: ChatContext): Promise<Reply> {
    const begun = await start(context, {})
    return { ...begun, toast: t('flow-outdated') }
  }

  return {
    name: definition.name,
    needs: definition.needs,
    start,
    restart: (context) => start(context, {}),

    async answer(context, input) {
      const state = load(context)
      if (!state) return beginAgain(context)
      const { facts, asked } = await at(context, state)
      return conclude(context, state, facts, asked ? handedInput(context, input) : input)
    },

    async takeSecret(context) {
      const state = load(context)
      if (!state) return null
      const { facts, asked } = await at(context, state)
      return asked ? conclude(context, state, facts, handedInput(context, null)) : null
    },

    async wake(context) {
      const state = load(context)
      if (!state) return { views: [] }
      if (!stepOf(state.step).wakes) return question(context, state)
      const { facts } = await at(context, state)
      return conclude(context, state, facts, { kind: 'wake' })
    },

    async back(context) {
      const state = load(context)
      if (!state) return beginAgain(context)
      const previous = state.path.at(-1)
      if (previous === undefined) return show(context, state)
      return show(context, { ...state, step: previous, path: state.path.slice(0, -1) })
    },

    async redraw(context) {
      const state = load(context)
      return state ? question(context, state) : beginAgain(context)
    },
  }
}

/** As it comes back from the database, where there is no undefined. */
const withoutUndefined = (answers: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(answers).filter(([, value]) => value !== undefined))

/** What a step that asks for a secret gets: the secret, another input that has none, or why it must be asked again. */
function handedInput({ handed, incoming }: ChatContext, input: FlowInput | null): FlowInput | { readonly problem: Text } {
  if (handed) return { kind: 'secret', value: handed.value, last4: lastOf(handed.value) }
  // It came, but the process that held it is gone, and nothing of it was stored.
  if (input === null || (input.kind === 'press' && SECRET_FIELD in input.args)) return { problem: t('secret-send-again') }
  return input.kind === 'text' && incoming.content.kind === 'text' ? { problem: t('secret-not-recognised') } : input
}
