import { discordCapabilities } from '../../../bots/discord/capabilities.ts'
import { formOf, modalOf } from '../../../bots/discord/form.ts'
import { render } from '../../../bots/discord/render.ts'
import { type Html, markup } from '../../../bots/web/markup.ts'
import type { Language } from '../../../core/i18n/index.ts'
import { chartAddress } from './chart.ts'
import { Component, drawComponent, drawModal, formButtons } from './discord-components.ts'
import { BRAND, CLOCK, type Painter, styleSheet } from './painter.ts'

/** What Discord's own app says around a message, in the words of its two languages. */
const APP = {
  en: {
    bot: 'APP',
    onlyYou: 'Only you can see this',
    dismiss: 'Dismiss message',
    opens: 'opens',
    cancel: 'Cancel',
    submit: 'Submit',
  },
  zh: { bot: '应用', onlyYou: '仅您可见', dismiss: '忽略消息', opens: '打开', cancel: '取消', submit: '提交' },
} as const satisfies Record<Language, object>

export const discord: Painter = {
  id: 'discord',
  name: { en: 'Discord', zh: 'Discord' },
  capabilities: discordCapabilities,
  style: styleSheet('discord'),

  paint({ tone, message, onlyFor }, { language }) {
    const { image, file } = message
    const container = render({ tone, message }, { ...(image && { picture: 'chart.png' }), ...(file && { file: file.name }) })
    if (!container) throw new Error('Discord has no room for this form on a button')
    const attachments = new Map([
      ...(image ? [['chart.png', { picture: chartAddress(image.chart) }] as const] : []),
      ...(file ? [[file.name, { bytes: Buffer.byteLength(file.content) }] as const] : []),
    ])
    const words = APP[language]
    return markup`<div class="letter${onlyFor !== undefined && ' for-one'}"><div class="avatar"></div>
<div class="author">${BRAND}<b>${words.bot}</b><time>${CLOCK}</time></div>
<div class="parts">${drawComponent(Component.parse(container), attachments)}</div>${
      onlyFor !== undefined && markup`<div class="for-one-note">${words.onlyYou} • <a>${words.dismiss}</a></div>`
    }</div>${modals(container, words)}`
  },
}

/** What opens at a press on a form's button: made from the message, as the adapter makes it. */
const modals = (container: NonNullable<ReturnType<typeof render>>, words: (typeof APP)[Language]): readonly Html[] =>
  formButtons(Component.parse(container)).map((customId) => {
    const form = formOf(customId, [container])
    if (!form) throw new Error(`The button ${customId} opens nothing`)
    return drawModal(modalOf(form), words)
  })
