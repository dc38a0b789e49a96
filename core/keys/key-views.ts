import { button, buttons, note, press, t, view } from '../chat/build.ts'
import type { Block, Text, Tone, View } from '../chat/view.ts'
import type { KeyState } from './key-api.ts'
import { PROVIDER_FACTS } from './providers.ts'
import type { KeySummary } from './stored-key.ts'

type Named = { readonly id: string; readonly name: string }

/** What a state means, and what to do about it. */
export function keyStateText(key: Pick<KeySummary, 'provider' | 'state'>): Text {
  return t(`key-state-${key.state}`, { provider: PROVIDER_FACTS[key.provider].name })
}

/** One word for a card. */
export const keyStateWord = (state: KeyState): Text => t(`key-word-${state}`)

export const keyTone = (state: KeyState): Tone =>
  state === 'valid' ? 'success' : state === 'wrong-key' || state === 'no-credit' || state === 'no-access' ? 'warning' : 'info'

/** Where what a state asks for is done: credit is bought, a key is made. Null: nothing to do there. */
export function keyStateLink({ provider, state }: Pick<KeySummary, 'provider' | 'state'>): Block | null {
  const { name, creditUrl, keysUrl } = PROVIDER_FACTS[provider]
  if (state === 'no-credit') return { kind: 'link', label: t('key-link-credit', { provider: name }), url: creditUrl }
  if (state === 'wrong-key' || state === 'no-access')
    return { kind: 'link', label: t('key-link-keys', { provider: name }), url: keysUrl }
  return null
}

/** The bill an own key's use is on. */
export function usageLink(provider: KeySummary['provider']): Block {
  const { name, usageUrl } = PROVIDER_FACTS[provider]
  return { kind: 'link', label: t('key-link-usage', { provider: name }), url: usageUrl }
}

/** After a provider could be asked again. */
export function keyRecheckedView(instance: Named, key: KeySummary): View {
  return view(
    `key-rechecked:${key.id}`,
    [
      note(t('key-rechecked', { name: instance.name, provider: PROVIDER_FACTS[key.provider].name, last4: key.last4 })),
      note(keyStateText(key)),
      keyStateLink(key),
      buttons(button(t('button-key'), press('command', { name: 'key', instanceId: instance.id }))),
    ],
    { tone: keyTone(key.state) },
  )
}
