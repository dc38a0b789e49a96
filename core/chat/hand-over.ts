import { endOf, hashOf, secretIn, squeeze, withoutSecrets } from '../secrets/index.ts'
import { note, paragraph, t, view } from './build.ts'
import type { Incoming } from './incoming.ts'
import type { ChatContext, Effect } from './reply.ts'
import type { Block, Press, Text, View } from './view.ts'

// How a person hands over a secret for a flow's step: on a one-time page, in a field of a form, or in a private message. Whichever way,
// it is taken out of the update at the door, travels beside it in memory, and is sealed by the step that asked for it.

/** The field of a form that holds a secret; nothing in it is stored, whatever it looks like. */
export const SECRET_FIELD = 'secret'

/** Longer than any key or token. */
const SECRET_MAX = 400

/** Long enough to fetch a key from a provider's console, short enough for a link that lies about in a chat. */
const PAGE_MINUTES = 10

/** What a step asks for: whose key and for what (title), where to get it (hint), and what the field is called. */
export type SecretAsked = { readonly title: Text; readonly hint: Text; readonly label: Text }

/** An update without its secrets, and the one it may have handed over. */
export type AtTheDoor = { readonly incoming: Incoming; readonly handed: Handed }
type Handed = { readonly value: string } | null

/** Takes secrets out of text, arguments and form fields. `fromPage` is what came in on a one-time page. */
export function takeSecrets(raw: Incoming, fromPage?: string): AtTheDoor {
  const { content } = raw
  if (content.kind === 'handed') return { incoming: raw, handed: fromPage === undefined ? null : { value: fromPage } }
  let found = raw.pastedSecret ?? false
  const clean = (text: string) => {
    const checked = withoutSecrets(text)
    found ||= checked.found
    return checked.text
  }
  let handed: Handed = null
  let safe: Incoming['content'] = content
  if (content.kind === 'text') {
    safe = { ...content, text: clean(content.text) }
    const value = found && raw.chat.kind === 'private' ? secretIn(content.text) : null
    if (value !== null) handed = { value }
  } else if (content.kind === 'command') {
    safe = { ...content, argument: clean(content.argument) }
  } else if (content.kind === 'form') {
    const { [SECRET_FIELD]: secret, ...others } = content.values
    const values = Object.fromEntries(Object.entries(others).map(([name, value]) => [name, clean(value)]))
    safe = { ...content, values: secret === undefined ? values : { ...values, [SECRET_FIELD]: '' } }
    const value = secret === undefined ? '' : squeeze(secret)
    if (value !== '') handed = { value }
  }
  return { incoming: { ...raw, content: safe, ...(found && { pastedSecret: true }) }, handed }
}

/** The end of a secret by which its owner knows it; empty for one too short to show any of. */
export const lastOf = (value: string): string => endOf(value).slice(1)

/** What became of the chat message that held the secret. */
export const removedNote = ({ secretRemoved }: ChatContext): Block | false =>
  secretRemoved !== undefined && note(t(secretRemoved ? 'secret-message-removed' : 'secret-message-kept'))

/** The ways to hand it over: blocks for the question, in a group a message for the asked alone, and the page's row. */
export function waysToHandOver(
  context: ChatContext,
  asked: SecretAsked,
  at: { readonly flow: string; readonly step: string; readonly viewId: string; readonly press: Press },
): { readonly blocks: readonly Block[]; readonly alone: View | null; readonly effect: Effect } {
  const { services, incoming, now } = context
  const token = `${services.ids.create('')}${services.ids.create('')}`.replaceAll('_', '')
  const page: Block = {
    kind: 'buttons',
    buttons: [{ label: t('secret-page-open'), style: 'primary', url: `${services.settings.publicUrl}/s/${token}` }],
  }
  const inPrivate = incoming.chat.kind === 'private'
  const form: Block = {
    kind: 'form',
    name: 'secret',
    fields: [{ name: SECRET_FIELD, label: asked.label, maxLength: SECRET_MAX, secret: true }],
    submitLabel: t('secret-form-submit'),
    press: at.press,
    inWords: t(inPrivate ? 'secret-in-words' : 'secret-in-private'),
  }
  return {
    blocks: inPrivate ? [page, form] : [form],
    alone: inPrivate
      ? null
      : view(`secret:${at.viewId}`, [paragraph(asked.title), note(t('secret-page-minutes', { minutes: PAGE_MINUTES })), page], {
          visibility: 'onlyYou',
        }),
    async effect(transaction) {
      const where = { platform: incoming.platform, chatId: incoming.chat.id, userId: incoming.sender.id }
      // A question has one page at a time: what was asked before is over.
      await transaction.secretRequest.deleteMany({ where: { ...where, usedAt: null } })
      await transaction.secretRequest.create({
        data: {
          tokenHash: hashOf(token),
          ...where,
          chat: incoming.chat,
          sender: incoming.sender,
          flow: at.flow,
          step: at.step,
          viewId: at.viewId,
          title: asked.title,
          hint: asked.hint,
          language: context.language,
          expiresAt: new Date(now.getTime() + PAGE_MINUTES * 60_000),
        },
      })
    },
  }
}
