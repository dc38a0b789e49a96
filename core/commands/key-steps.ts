import { z } from 'zod'
import { button, buttons, literal, note, paragraph, t, title } from '../chat/build.ts'
import { again, answerPress, type FlowInput, type FlowOutcome, type FlowStep, next, stay } from '../chat/flow.ts'
import type { ChatContext, Effect } from '../chat/reply.ts'
import type { Block, JsonObject } from '../chat/view.ts'
import { wakeArgs } from '../chat/wake-flow.ts'
import {
  forgetKey,
  type KeySummary,
  keepKey,
  keyStateLink,
  keyStateText,
  mayPass,
  PROVIDER_FACTS,
  shapeProblem,
  startCheck,
} from '../keys/index.ts'
import { PROVIDERS, type Provider, SOURCES } from '../models/index.ts'

// Handing over a key of one's own and having it checked: the same two questions in an order, at a rotation, and at a change of source.

export const KeyAnswers = z.object({
  source: z.enum(SOURCES).optional(),
  /** Of the row that holds the key; the key itself is in no answer. */
  keyId: z.string().optional(),
  /** The end of the key that is being tried; gone with the wake. The question is drawn before what it decides is written. */
  trying: z.string().optional(),
  /** The key before this one was wrong, and is gone. */
  wasWrong: z.boolean().optional(),
  /** As the source names it. Once it is chosen, a check tries it too. */
  model: z.string().optional(),
})
export type KeyAnswers = z.infer<typeof KeyAnswers>

export type KeyFacts = { readonly key: KeySummary | null; readonly context: ChatContext }

export const providerOf = (answers: KeyAnswers): Provider | null => PROVIDERS.find((known) => known === answers.source) ?? null

const nameOf = (answers: KeyAnswers): string => {
  const provider = providerOf(answers)
  return provider === null ? '?' : PROVIDER_FACTS[provider].name
}

export type Places<A, F> = {
  /** The flow these steps are in; what is asked in it is drawn anew when a check is over. */
  readonly flow: string
  readonly keyStep: string
  readonly checkingStep: string
  /** What comes after a key that can be used. */
  forward(answers: A, facts: F): FlowOutcome<A>
  /** Null where no model is chosen in this flow. */
  readonly modelStep: string | null
}

const waiting = (context: ChatContext, flow: string): JsonObject => wakeArgs(context, flow, context.conversation.viewId ?? '')

/** A check of the key in hand, which wakes the flow. */
export const checkEffect = (context: ChatContext, flow: string, keyId: string, model: string | undefined): Effect => {
  const about = { keyId, ...(model !== undefined && { model }) }
  return (transaction) => startCheck(transaction, context, about, waiting(context, flow))
}

/** Asks for the key: on a page, in a field, or in a private message. */
export function keyStep<A extends KeyAnswers & JsonObject, F extends KeyFacts>({
  flow,
  checkingStep,
}: Places<A, F>): FlowStep<A, F> {
  return {
    ask(answers) {
      const provider = providerOf(answers)
      if (provider === null) return [note(t('key-ask-again'))]
      const { name, keysUrl, example } = PROVIDER_FACTS[provider]
      return [
        title(t('key-ask-title', { provider: name })),
        answers.wasWrong === true && note(t('key-was-wrong', { provider: name })),
        paragraph(t('key-ask-text', { provider: name, example })),
        { kind: 'link', label: t('key-link-keys', { provider: name }), url: keysUrl },
      ]
    },
    secret(answers) {
      const provider = providerOf(answers)
      if (provider === null) return null
      const { name, example } = PROVIDER_FACTS[provider]
      return {
        title: t('key-page-title', { provider: name }),
        hint: t('key-page-hint', { provider: name, example }),
        label: t('key-page-label', { provider: name }),
      }
    },
    answer(answers, input, { context }) {
      const provider = providerOf(answers)
      if (input.kind !== 'secret' || provider === null) return again(t('key-ask-again'))
      const problem = shapeProblem(provider, input.value)
      if (problem) return again(problem)
      const id = context.services.ids.create('key')
      const { value } = input
      return next(
        checkingStep,
        { ...answers, keyId: id, trying: value.slice(-4), wasWrong: false },
        {
          effects: [
            (transaction) => forgetKey(transaction, answers.keyId),
            (transaction) =>
              keepKey(transaction, context, { id, provider, value, last4: value.slice(-4) }, waiting(context, flow)),
          ],
        },
      )
    },
  }
}

/** Says that the key is being checked, and goes on by itself when that is over. */
export function checkingStep<A extends KeyAnswers & JsonObject, F extends KeyFacts>(places: Places<A, F>): FlowStep<A, F> {
  const { flow, forward, modelStep } = places
  const other = (answers: A, wasWrong: boolean): FlowOutcome<A> =>
    next(
      places.keyStep,
      { ...answers, keyId: undefined, trying: undefined, wasWrong },
      { effects: [(transaction) => forgetKey(transaction, answers.keyId)] },
    )

  function answer(answers: A, input: FlowInput, facts: F): FlowOutcome<A> {
    const { key, context } = facts
    const pressed = input.kind === 'press' ? input.args.do : null
    if (pressed === 'other' || key === null) return other(answers, false)
    const known = { ...answers, trying: undefined }
    if (input.kind === 'wake') {
      // Of an earlier check: this one is still under way.
      if (key.state === 'unchecked') return stay(answers)
      if (key.state === 'valid') return forward(known, facts)
      return key.state === 'wrong-key' ? other(answers, true) : stay(known)
    }
    if (pressed === 'go' && (key.state === 'valid' || mayPass(key.state))) return forward(known, facts)
    if (pressed === 'again')
      return stay({ ...answers, trying: key.last4 }, { effects: [checkEffect(context, flow, key.id, answers.model)] })
    if (pressed === 'model' && modelStep !== null) return next(modelStep, { ...known, model: undefined })
    return stay(known)
  }

  return {
    wakes: true,
    ask(answers, { key }) {
      const name = nameOf(answers)
      const press = (what: string) => answerPress({ do: what })
      const anotherKey = button(t('key-button-other'), press('other'), 'quiet')
      const trying = answers.trying ?? (key?.state === 'unchecked' ? key.last4 : undefined)
      if (trying === undefined && key === null)
        return [note(t('key-gone-ask')), buttons(button(t('key-button-other'), press('other'), 'primary'))]
      if (trying !== undefined || key === null)
        return [
          title(t('key-checking-title', { provider: name })),
          paragraph(t('key-checking-text', { last4: trying ?? '' })),
          buttons(button(t('key-button-again'), press('again'), 'quiet')),
        ]
      const good = key.state === 'valid'
      const refusedModel = key.state === 'no-access' && modelStep !== null && answers.model !== undefined
      return [
        title(t(good ? 'key-checked-title' : 'key-not-checked-title', { provider: name, last4: key.last4 })),
        paragraph(
          refusedModel ? t('key-state-no-access-model', { provider: name, model: answers.model ?? '' }) : keyStateText(key),
        ),
        keyStateLink(key),
        buttons(
          (good || mayPass(key.state)) && button(t(good ? 'key-button-go' : 'key-button-go-anyway'), press('go'), 'primary'),
          refusedModel && button(t('key-button-model'), press('model'), 'primary'),
          !good && button(t('key-button-again'), press('again'), key.state === 'no-credit' ? 'primary' : 'default'),
          anotherKey,
        ),
      ]
    },
    answer,
  }
}

/** Managed credit or one of the providers. `present` is marked. */
export function sourceChoice(present: string | undefined): Block {
  return {
    kind: 'choice',
    name: 'source',
    label: t('source-label'),
    options: SOURCES.map((source) => ({
      label: source === 'managed' ? t('source-managed') : t('source-own', { provider: PROVIDER_FACTS[source].name }),
      note: source === 'managed' ? t('source-managed-note') : literal(PROVIDER_FACTS[source].example),
      press: answerPress({ source }),
      ...(present !== undefined && { selected: present === source }),
    })),
  }
}

/** What was pressed, or a provider's name that was typed. */
export function chosenSource(input: FlowInput): (typeof SOURCES)[number] | null {
  const said = input.kind === 'text' ? input.text.trim().toLowerCase() : input.kind === 'press' ? input.args.source : null
  return SOURCES.find((source) => source === said) ?? null
}
