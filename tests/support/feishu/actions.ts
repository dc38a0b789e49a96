import { type Card, flatten } from './card.ts'
import type { ElementOf } from './card-schema.ts'
import { isInitial } from './look.ts'

/** What a press, a choice or a submitted form sends as `action`; a string says why the client does not let it happen. */
export type Action = Readonly<Record<string, unknown>> | string

type Control = ElementOf<'button'> | ElementOf<'select_static'> | ElementOf<'input'>

const carried = (control: Control): object => {
  const callback = control.behaviors?.find((behavior) => behavior.type === 'callback')
  return callback?.type === 'callback' ? { value: callback.value } : {}
}
const named = (control: Control): object => (control.name === undefined ? {} : { name: control.name })

export const buttonsOf = (card: Card) => flatten(card.nodes).flatMap(({ element }) => (element.tag === 'button' ? [element] : []))
export const selectsOf = (card: Card) =>
  flatten(card.nodes).flatMap(({ element }) => (element.tag === 'select_static' ? [element] : []))
const formsOf = (card: Card) => card.nodes.filter(({ element }) => element.tag === 'form')

/** Null when the card has no such button. */
export function pressAction(card: Card, label: string): Action | null {
  const button = buttonsOf(card).find(({ text }) => text.content === label)
  if (!button) return null
  if (button.disabled) return `the button "${label}" is disabled`
  if (button.form_action_type === 'reset') return `the button "${label}" only empties its form`
  if (button.form_action_type === 'submit') return submitAction(card, {})
  if (button.behaviors?.every(({ type }) => type === 'open_url')) return `the button "${label}" only opens an address`
  return { tag: 'button', ...carried(button), ...named(button) }
}

/** Null when the card has no such option. */
export function selectAction(card: Card, label: string): Action | null {
  const inForms = new Set(formsOf(card).flatMap((form) => flatten(form.children).map(({ element }) => element)))
  for (const select of selectsOf(card)) {
    const option = select.options.find(({ text }) => text.content === label)
    if (!option) continue
    if (select.disabled) return `the choice with "${label}" is disabled`
    if (inForms.has(select)) return `"${label}" is in a form, and sent when that is submitted`
    return { tag: 'select_static', option: option.value, ...carried(select), ...named(select) }
  }
  return null
}

/** The first form filled in: by a field's name or what is written beside it. */
export function submitAction(card: Card, values: Readonly<Record<string, string>>): Action {
  const [form] = formsOf(card)
  if (!form) return 'there is no form'
  const controls = flatten(form.children).map(({ element }) => element)
  const formValue: Record<string, string> = {}
  const unused = new Set(Object.keys(values))
  const given = (...keys: readonly (string | undefined)[]) => {
    const key = keys.find((one) => one !== undefined && one in values)
    if (key !== undefined) unused.delete(key)
    return key === undefined ? undefined : values[key]
  }

  for (const control of controls) {
    if (control.tag === 'input') {
      const text = given(control.name, control.label?.content, control.placeholder?.content) ?? control.default_value ?? ''
      if (control.required && text === '') return '有必填项未填写'
      if (text.length > (control.max_length ?? 1000)) return `"${control.name}" takes ${control.max_length ?? 1000} characters`
      formValue[control.name ?? ''] = text
    } else if (control.tag === 'select_static') {
      const wanted = given(control.name, control.placeholder?.content)
      const option = control.options.find(({ text, value }, at) =>
        wanted === undefined ? isInitial(control, text.content, value, at) : text.content === wanted || value === wanted,
      )
      if (wanted !== undefined && !option) return `there is no option "${wanted}"`
      if (control.required && !option) return '有必填项未填写'
      if (option) formValue[control.name ?? ''] = option.value
    }
  }
  const [stray] = unused
  if (stray !== undefined) return `the form has no field "${stray}"`
  const button = controls.find((control) => control.tag === 'button' && control.form_action_type === 'submit')
  if (button?.tag !== 'button') return 'there is no button to submit with'
  return { tag: 'button', ...carried(button), ...named(button), form_value: formValue }
}
