import {
  type APIModalInteractionResponseCallbackData,
  type APISectionComponent,
  ButtonStyle,
  ComponentType,
  TextInputStyle,
} from 'discord-api-types/v10'
import { z } from 'zod'
import { cutText } from '../../core/chat/cut.ts'
import type { FittedForm } from '../../core/chat/fit.ts'
import { asIs, asTyped } from './escape.ts'

/**
 * A form is a button that opens a modal, and Discord wants the modal as the answer to the press: there is no time to ask anybody
 * what is to be filled in. So the message itself holds the whole form. The button's custom id has the token and, for each field, its
 * name and longest answer; the labels and hints are the words beside the button; its label is what the modal is called. Discord
 * sends the message along with the press, so that the modal is made from it alone: by any process, after any restart, and with
 * nothing kept in memory.
 */

export const FORM_PREFIX = 'f:'
export const MODAL_PREFIX = 'm:'

const CUSTOM_ID_MAX = 100
const TITLE_MAX = 45
const LABEL_MAX = 45
const DESCRIPTION_MAX = 100
const INPUT_MAX = 4000
/** From here on an answer is worth more than one line. */
const LINE_MAX = 200

/** Words of a field beside the button; longer ones would push the button off a phone's screen. */
const SHOWN_MAX = 200

const OPENS = '✏️ '

/** A form as it can be read back: `secret` is nothing Discord could show. */
type ModalForm = Pick<FittedForm, 'token' | 'submitLabel'> & {
  readonly fields: readonly Pick<FittedForm['fields'][number], 'name' | 'label' | 'hint' | 'maxLength'>[]
}

const oneLine = (text: string): string => cutText(text.replace(/\s+/g, ' ').trim(), SHOWN_MAX, 'utf16')

/** The form on a message; null if its fields don't go into a custom id. */
export function formSection({ token, submitLabel, danger, fields }: FittedForm): APISectionComponent | null {
  const described = fields.map(({ name, maxLength }) => `:${name}.${Math.min(maxLength, INPUT_MAX)}`).join('')
  const customId = `${FORM_PREFIX}${token}${described}`
  if (customId.length > CUSTOM_ID_MAX || fields.some(({ name }) => !/^[\w-]+$/.test(name))) return null
  const content = fields
    .map(({ label, hint }) => {
      const small = hint === undefined ? '' : `\n-# ${asIs(oneLine(hint))}`
      return `**${asIs(oneLine(label))}**${small}`
    })
    .join('\n')
  return {
    type: ComponentType.Section,
    components: [{ type: ComponentType.TextDisplay, content }],
    accessory: {
      type: ComponentType.Button,
      style: danger ? ButtonStyle.Danger : ButtonStyle.Primary,
      custom_id: customId,
      label: `${OPENS}${cutText(submitLabel, TITLE_MAX, 'utf16')}`,
    },
  }
}

const Section = z.object({
  type: z.literal(ComponentType.Section),
  components: z.array(z.looseObject({ content: z.string().optional() })),
  accessory: z.looseObject({ custom_id: z.string().optional(), label: z.string().optional() }),
})

/** The section of a message whose button has this custom id, at whatever depth. */
function sectionOf(components: unknown, customId: string): z.infer<typeof Section> | null {
  if (!Array.isArray(components)) return null
  for (const component of components) {
    const section = Section.safeParse(component)
    if (section.success && section.data.accessory.custom_id === customId) return section.data
    const found = sectionOf(Object(component).components, customId)
    if (found) return found
  }
  return null
}

/** The form behind a button, from the button's custom id and the message it hangs on. Null for a custom id that no form of ours has. */
export function formOf(customId: string, components: unknown): ModalForm | null {
  const [, token, described] = /^f:(.+?)((?::[\w-]+\.\d+)+)$/.exec(customId) ?? []
  if (token === undefined || described === undefined) return null
  const section = sectionOf(components, customId)
  const shown = fieldWords(section?.components.map(({ content = '' }) => content).join('\n') ?? '')
  const fields = [...described.matchAll(/:([\w-]+)\.(\d+)/g)].map(([, name = '', max], position) => ({
    name,
    // Without its words (somebody else's message?) a field is still a field.
    label: name,
    ...shown[position],
    maxLength: Number(max),
  }))
  const label = section?.accessory.label ?? ''
  return { token, submitLabel: label.startsWith(OPENS) ? label.slice(OPENS.length) : label, fields }
}

function fieldWords(content: string): { label: string; hint?: string }[] {
  const fields: { label: string; hint?: string }[] = []
  for (const line of content.split('\n')) {
    const label = /^\*\*(.*)\*\*$/.exec(line)?.[1]
    const hint = /^-# (.*)$/.exec(line)?.[1]
    const last = fields.at(-1)
    if (label !== undefined) fields.push({ label: asTyped(label) })
    else if (hint !== undefined && last) last.hint = asTyped(hint)
  }
  return fields
}

export function modalOf({ token, submitLabel, fields }: ModalForm): APIModalInteractionResponseCallbackData {
  const title = cutText(submitLabel || fields[0]?.label || '…', TITLE_MAX, 'utf16')
  return {
    custom_id: `${MODAL_PREFIX}${token}`,
    title,
    components: fields.map(({ name, label, hint, maxLength }) => ({
      type: ComponentType.Label,
      label: cutText(label, LABEL_MAX, 'utf16'),
      ...(hint !== undefined && { description: cutText(hint, DESCRIPTION_MAX, 'utf16') }),
      component: {
        type: ComponentType.TextInput,
        custom_id: name,
        style: maxLength > LINE_MAX ? TextInputStyle.Paragraph : TextInputStyle.Short,
        max_length: Math.min(maxLength, INPUT_MAX),
        required: true,
      },
    })),
  }
}
