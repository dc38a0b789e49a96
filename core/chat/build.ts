import type { Block, Button, ButtonStyle, JsonObject, Press, Text, TextArgument, Tone, View, Visibility } from './view.ts'

// Small words for building views; producers read like the screen they describe.

export const t = (id: string, args?: Readonly<Record<string, TextArgument>>): Text => (args ? { id, args } : { id })
export const literal = (words: string): Text => ({ literal: words })

export function view(
  id: string,
  blocks: readonly (Block | false | null)[],
  options: { tone?: Tone; visibility?: Visibility } = {},
): View {
  return {
    id,
    tone: options.tone ?? 'info',
    visibility: options.visibility ?? 'everyone',
    blocks: blocks.filter((block) => block !== false && block !== null),
  }
}

export const title = (text: Text): Block => ({ kind: 'title', text })
export const paragraph = (text: Text): Block => ({ kind: 'text', text })
export const note = (text: Text): Block => ({ kind: 'note', text })
export const fields = (...items: readonly (readonly [Text, Text] | false)[]): Block => ({
  kind: 'fields',
  items: items.filter((item) => item !== false).map(([label, value]) => ({ label, value })),
})
export const buttons = (...list: readonly (Button | false)[]): Block => ({
  kind: 'buttons',
  buttons: list.filter((button) => button !== false),
})

export const press = (action: string, args?: JsonObject, options: Pick<Press, 'once' | 'who'> = {}): Press => ({
  action,
  ...(args && { args }),
  ...options,
})
export const button = (label: Text, pressed: Press, style: ButtonStyle = 'default'): Button => ({ label, press: pressed, style })
export const linkButton = (label: Text, url: string): Button => ({ label, url, style: 'primary' })
