import { z } from 'zod'
import type { Role } from '../access/index.ts'
import { button, buttons, note, press, t, view } from './build.ts'
import type { ChatContext, FlowState, Reply } from './reply.ts'
import type { Block, JsonObject, JsonValue, Text, Tone, View } from './view.ts'

/** A half-finished flow is kept this long; the person is told when it has expired. */
export const FLOW_HOURS = 24

/** What a person gave a step: words, or a button's arguments. */
export type FlowInput = { readonly kind: 'text'; readonly text: string } | { readonly kind: 'press'; readonly args: JsonObject }

/** What an answer does. `again` asks the same once more with a reason; `done` ends the flow with a reply of its own. */
export type FlowOutcome<Answers> =
  | { readonly kind: 'next'; readonly step: string; readonly answers: Answers }
  | { readonly kind: 'stay'; readonly answers: Answers }
  | { readonly kind: 'again'; readonly problem: Text }
  | { readonly kind: 'done'; readonly reply: Omit<Reply, 'flow'> }

export const next = <A>(step: string, answers: A): FlowOutcome<A> => ({ kind: 'next', step, answers })
export const stay = <A>(answers: A): FlowOutcome<A> => ({ kind: 'stay', answers })
export const again = (problem: Text): { kind: 'again'; problem: Text } => ({ kind: 'again', problem })
export const done = (reply: Omit<Reply, 'flow'>): { kind: 'done'; reply: Omit<Reply, 'flow'> } => ({ kind: 'done', reply })

/** One question. Both functions are pure; what they need from outside comes in `facts`. */
export type FlowStep<Answers, Facts> = {
  ask(answers: Answers, facts: Facts): readonly (Block | false | null)[]
  answer(answers: Answers, input: FlowInput, facts: Facts): FlowOutcome<Answers>
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
}

/** The stored answers: the person's, and the way they came, which is what Back walks. */
const Stored = z.object({ path: z.array(z.string()), given: z.record(z.string(), z.json()) })

const NAVIGATION = { back: 'flow.back', restart: 'flow.restart', cancel: 'flow.cancel', answer: 'flow.answer' } as const

export { NAVIGATION as FLOW_ACTIONS }

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
      answers: { path: state.path as readonly JsonValue[], given: state.answers },
      viewId: state.viewId,
    }
  }

  async function draw(context: ChatContext, state: State, problem?: Text): Promise<View> {
    const facts = await definition.facts(context, state.step, state.answers)
    const tone: Tone = problem ? 'warning' : 'info'
    return view(
      state.viewId,
      [
        ...stepOf(state.step).ask(state.answers, facts),
        problem !== undefined && note(problem),
        buttons(
          state.path.length > 0 && button(t('flow-back'), press(NAVIGATION.back), 'quiet'),
          state.path.length > 0 && button(t('flow-restart'), press(NAVIGATION.restart), 'quiet'),
          button(t('flow-cancel'), press(NAVIGATION.cancel), 'quiet'),
        ),
      ],
      { tone },
    )
  }

  async function show(context: ChatContext, state: State, problem?: Text): Promise<Reply> {
    return { views: [{ view: await draw(context, state, problem), place: 'here' }], flow: flowState(state) }
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
      const facts = await definition.facts(context, state.step, state.answers)
      const outcome = stepOf(state.step).answer(state.answers, input, facts)
      switch (outcome.kind) {
        case 'again':
          return show(context, state, outcome.problem)
        case 'stay':
          return show(context, { ...state, answers: outcome.answers })
        case 'next':
          return show(context, { ...state, step: outcome.step, path: [...state.path, state.step], answers: outcome.answers })
        case 'done':
          return { ...outcome.reply, flow: null }
      }
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
      if (!state) return beginAgain(context)
      return { views: [{ view: await draw(context, state), place: 'here' }] }
    },
  }
}
