import { z } from 'zod'
import { Component, Kind, SELECTS, walk } from './components.ts'
import type { FormError } from './fault.ts'
import { duplicates, selectErrors } from './message-rules.ts'

/** Documented limit that the OpenAPI description does not contain: it allows 40 components. */
const INPUTS_MAX = 5

export const Modal = z.object({ custom_id: z.string(), title: z.string(), components: z.array(Component) })
export type Modal = z.infer<typeof Modal>

const isInput = ({ type }: Component) => type === Kind.textInput || SELECTS.includes(type)

/** The fields a person fills in, with the label above each. */
export function inputsOf({
  components,
}: Modal): readonly { readonly input: Component; readonly label: string; readonly description: string | null }[] {
  return components.flatMap(({ component, components: inRow = [], label, description }) => {
    const old = inRow.filter(isInput).map((input) => ({ input, label: input.label ?? '', description: null }))
    return component ? [...old, { input: component, label: label ?? '', description: description ?? null }] : old
  })
}

/** What is wrong with a form, after the schema has judged its parts. */
export function modalErrors(modal: Modal): readonly FormError[] {
  const errors: FormError[] = [...duplicates(modal.components)]
  if (modal.components.length > INPUTS_MAX || inputsOf(modal).length > INPUTS_MAX) {
    errors.push({ path: ['components'], code: 'BASE_TYPE_BAD_LENGTH', message: `Must be between 1 and ${INPUTS_MAX} in length.` })
  }
  for (const { component, path } of walk(modal.components)) {
    const inLabel = path.at(-1) === 'component'
    const { type, min_length: min, max_length: max, value } = component
    if (SELECTS.includes(type)) errors.push(...selectErrors(component, path))
    if (type === Kind.row && (component.components?.length ?? 0) > 1) {
      errors.push({
        path: [...path, 'components'],
        code: 'COMPONENT_LAYOUT_WIDTH_EXCEEDED',
        message: 'One text input fills a row',
      })
    }
    if (type !== Kind.textInput) continue
    if (!inLabel && !component.label)
      errors.push({ path: [...path, 'label'], code: 'BASE_TYPE_REQUIRED', message: 'This field is required' })
    if (inLabel && component.label) {
      errors.push({
        path: [...path, 'label'],
        code: 'TEXT_INPUT_LABEL_NOT_ALLOWED',
        message: 'The label around it has the words',
      })
    }
    if (min !== undefined && max !== undefined && min > max) {
      errors.push({
        path: [...path, 'min_length'],
        code: 'TEXT_INPUT_MIN_LENGTH_TOO_LARGE',
        message: 'Minimum length exceeds maximum length',
      })
    }
    if (value !== undefined && max !== undefined && value.length > max) {
      errors.push({ path: [...path, 'value'], code: 'BASE_TYPE_MAX_LENGTH', message: `Must be ${max} or fewer in length.` })
    }
  }
  return errors
}
