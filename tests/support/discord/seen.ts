import { type Component, Flag, has, Kind, shownNames, walk } from './components.ts'
import { look, type Names } from './look.ts'
import { inputsOf, type Modal } from './modal-rules.ts'
import type { Attachment, Channel, Message, User, World } from './world.ts'

export type SeenButton = {
  readonly label: string
  readonly style: number
  readonly url: string | null
  readonly customId: string | null
  /** Only there when it can't be pressed. */
  readonly disabled?: true
}
export type SeenSelect = {
  readonly label: string
  readonly placeholder: string
  readonly options: readonly {
    readonly label: string
    readonly description?: string
    readonly value: string
    readonly selected: boolean
  }[]
}

/** A message as a person sees it now, after all edits. */
export type SeenMessage = {
  readonly id: string
  /** All words as they look: markup rendered, escapes resolved, mentions by name; content, embeds and text components from top to bottom. */
  readonly text: string
  readonly buttons: readonly SeenButton[]
  readonly selects: readonly SeenSelect[]
  readonly picture: Buffer | null
  readonly file: { readonly name: string; readonly content: string } | null
  readonly ephemeral: boolean
  readonly fromBot: boolean
  /** The app shows "is thinking …" and no words yet. */
  readonly deferred: boolean
  readonly edited: boolean
  readonly componentsV2: boolean
  /** Whom it notifies: `everyone`, or ids of people and roles. */
  readonly pings: readonly string[]
}

export type SeenInput = {
  readonly label: string
  readonly description: string | null
  readonly customId: string
  /** One line, a paragraph, or a choice. */
  readonly kind: 'short' | 'paragraph' | 'select'
  readonly required: boolean
  readonly placeholder: string
  readonly value: string
  readonly minLength: number
  readonly maxLength: number
  readonly options: readonly { readonly label: string; readonly value: string }[]
}
export type SeenModal = {
  readonly title: string
  readonly customId: string
  /** Words between the fields. */
  readonly text: string
  readonly inputs: readonly SeenInput[]
}

const INPUT_MAX = 4000
const PARAGRAPH = 2

function namesOf(world: World, { guild }: Pick<Channel, 'guild'>): Names {
  return {
    user: (id) => world.users.get(id)?.name,
    role: (id) => guild?.roles.find((role) => role.id === id)?.name,
    channel: (id) => world.channels.get(id)?.name,
  }
}

export function seen(world: World, message: Message): SeenMessage {
  const names = namesOf(world, message.channel)
  const v2 = has(message.flags, Flag.componentsV2)
  const components = [...walk(message.components)].map(({ component }) => component)
  const shown = shownNames(message.components, message.embeds)
  // Without components of the second kind every attachment shows by itself.
  const visible = message.attachments.filter(({ filename }) => !v2 || shown.has(filename))
  const picture = visible.find(isPicture)
  const file = visible.find((one) => !isPicture(one))
  return {
    id: message.id,
    text: [look(message.content, names), ...embedTexts(message, names), ...componentTexts(components, names)]
      .filter((text) => text !== '')
      .join('\n'),
    buttons: components.filter(({ type }) => type === Kind.button).map(button),
    selects: components.filter(({ type }) => type === Kind.stringSelect).map(select),
    picture: picture?.bytes ?? null,
    file: file ? { name: file.filename, content: file.bytes.toString('utf8') } : null,
    ephemeral: message.onlyFor !== null,
    fromBot: message.author === world.bot,
    deferred: has(message.flags, Flag.loading),
    edited: message.editedAt !== null,
    componentsV2: v2,
    pings: message.pings,
  }
}

const isPicture = ({ filename, bytes }: Attachment) =>
  /\.(png|jpe?g|gif|webp)$/i.test(filename) || bytes.subarray(1, 4).toString('latin1') === 'PNG'

function embedTexts({ embeds }: Message, names: Names): readonly string[] {
  // Author and footer know no markup.
  return embeds.flatMap(({ author, title, description, fields = [], footer }) => [
    author?.name ?? '',
    look(title ?? '', names),
    look(description ?? '', names),
    ...fields.flatMap(({ name, value }) => [look(name, names), look(value, names)]),
    footer?.text ?? '',
  ])
}

const componentTexts = (components: readonly Component[], names: Names): readonly string[] =>
  components.map(({ type, content = '' }) => (type === Kind.textDisplay ? look(content.trim(), names) : ''))

const button = ({ label, emoji, style = 1, url, custom_id: id, disabled }: Component): SeenButton => ({
  label: label ?? emoji?.name ?? '',
  style,
  url: url ?? null,
  customId: id ?? null,
  ...(disabled && { disabled }),
})

function select({ placeholder = '', options = [] }: Component): SeenSelect {
  const chosen = options.filter((option) => option.default).map(({ label }) => label)
  return {
    // What the closed control reads.
    label: chosen.join(', ') || placeholder,
    placeholder,
    options: options.map(({ label, description, value, default: isDefault = false }) => ({
      label,
      ...(description !== undefined && { description }),
      value,
      selected: isDefault,
    })),
  }
}

export function seenModal(world: World, modal: Modal, channel: Channel): SeenModal {
  const names = namesOf(world, channel)
  const texts = componentTexts(
    [...walk(modal.components)].map(({ component }) => component),
    names,
  )
  return {
    title: modal.title,
    customId: modal.custom_id,
    text: texts.filter((text) => text !== '').join('\n'),
    inputs: inputsOf(modal).map(({ input, label, description }) => ({
      label,
      description,
      customId: input.custom_id ?? '',
      kind: input.type !== Kind.textInput ? 'select' : input.style === PARAGRAPH ? 'paragraph' : 'short',
      required: input.required ?? true,
      placeholder: input.placeholder ?? '',
      value: input.value ?? input.options?.find((option) => option.default)?.value ?? '',
      minLength: input.min_length ?? 0,
      maxLength: input.max_length ?? INPUT_MAX,
      options: (input.options ?? []).map((option) => ({ label: option.label, value: option.value })),
    })),
  }
}

/** A modal's fields as the app sends them: in the same places, with what the person put in. */
export function submitted(modal: Modal, values: ReadonlyMap<string, string>): readonly unknown[] {
  let nextId = 1
  const one = (component: Component): Record<string, unknown> => {
    const id = component.id ?? nextId++
    const value = values.get(component.custom_id ?? '')
    if (component.type === Kind.textInput) return { type: component.type, id, custom_id: component.custom_id, value: value ?? '' }
    if (component.custom_id !== undefined) {
      return {
        type: component.type,
        id,
        custom_id: component.custom_id,
        values: value === undefined || value === '' ? [] : [value],
      }
    }
    return {
      type: component.type,
      id,
      ...(component.components && { components: component.components.map(one) }),
      ...(component.component && { component: one(component.component) }),
    }
  }
  return modal.components.map(one)
}

/** Whether this person sees the message. */
export const isVisibleTo = (user: User, { deleted, onlyFor }: Message): boolean =>
  !deleted && (onlyFor === null || onlyFor === user)
