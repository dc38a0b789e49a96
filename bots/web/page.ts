import { readFileSync } from 'node:fs'
import { assetPath } from '../../core/assets.ts'
import type { CommandMenu } from '../../core/chat/platform.ts'
import { type Html, jsonForScript, markup, trusted } from './markup.ts'
import { NAME_MAX, type Visitor, type WebChat } from './session.ts'
import type { Words } from './words.ts'

export type Page = {
  readonly words: Words
  readonly brandName: string
  readonly nonce: string
  readonly visitor: Visitor
  readonly chat: WebChat
  /** Query string of this chat, `?room=…` or empty. */
  readonly query: string
  readonly messages: readonly Html[]
  /** Everything up to this revision is drawn in `messages`. */
  readonly after: number
  readonly hasEarlier: boolean
  readonly commands: CommandMenu['commands']
}

/** Commands offered on an empty screen, if they are published. */
const FIRST_STEPS = ['deploy', 'help', 'language']

const file = (name: string): string => readFileSync(assetPath(`bots/web/browser/${name}`), 'utf8')
let assets: { readonly style: Html; readonly script: Html } | undefined

const MARK =
  trusted(`<svg viewBox="0 0 36 36" aria-hidden="true"><rect width="36" height="36" rx="11" fill="#3f51d8" stroke="none"/>
<path d="M12 25.5h12.6a5.4 5.4 0 0 0 .9-10.7 7.8 7.8 0 0 0-14.9-1.1A6 6 0 0 0 12 25.5Z" fill="#fff" stroke="none"/>
<path d="m15 21.8 1.6-4.6m3 4.6 1.6-4.6" stroke="#3f51d8" stroke-width="2.2" fill="none"/></svg>`)

export const ICON = MARK.html.replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"')

/**
 * What the page may do: its own style and script (by nonce), pictures and calls to its own server, and nothing else.
 * `connect-src` is for the event stream and for sending.
 */
export const contentSecurityPolicy = (nonce: string): string =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

/** The whole chat as one document: drawn on the server with its history, alive as soon as its script runs. */
export function renderPage(page: Page): string {
  const { words, brandName: brand, nonce } = page
  assets ??= { style: trusted(file('chat.css')), script: trusted(file('chat.js')) }
  return markup`<!doctype html>
<html lang="${words.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content">
<meta name="theme-color" media="(prefers-color-scheme: light)" content="#ffffff">
<meta name="theme-color" media="(prefers-color-scheme: dark)" content="#1a1d25">
<title>${brand}</title>
<link rel="icon" href="/chat/icon.svg" type="image/svg+xml">
<style nonce="${nonce}">${assets.style}</style>
</head>
<body>
<header class="header"><div>
<div class="mark">${MARK}</div>
<div><h1 dir="auto">${brand}${page.chat.title !== undefined && markup` <span class="room">${words('web-room', { room: page.chat.title })}</span>`}</h1>
<p class="connection" id="connection" role="status"></p></div>
${page.chat.kind === 'group' && nameForm(page.visitor.name, words)}
</div></header>
<main class="scroll" id="scroll"><div class="column">
<noscript><p class="note">${words('web-no-script')}</p></noscript>
<button type="button" class="button quiet earlier" id="earlier"${page.hasEarlier ? '' : trusted(' hidden')}>${words('web-earlier')}</button>
${page.messages.length === 0 && welcome(page)}
<div class="log" id="log" role="log" aria-live="polite" aria-label="${words('web-log-label')}">${page.messages}</div>
<div class="typing" id="typing" hidden><i></i><i></i><i></i><span class="unseen">${words('web-typing', { brand })}</span></div>
<button type="button" class="button primary news" id="news" hidden>${words('web-new-messages')}</button>
</div></main>
<footer class="composer"><div>
<div class="menu" id="menu" role="listbox" aria-label="${words('web-commands')}" hidden></div>
<form class="writing" id="writing">
<button type="button" class="round" id="commands" aria-label="${words('web-commands')}" aria-controls="menu">/</button>
<label class="unseen" for="box">${words('web-box-label')}</label>
<textarea id="box" rows="1" placeholder="${words('web-box-placeholder')}" autocomplete="off" aria-autocomplete="list" aria-controls="menu" dir="auto" enterkeyhint="send"></textarea>
<button type="submit" class="round send" aria-label="${words('web-send')}"><svg viewBox="0 0 16 16" aria-hidden="true"><path d="M8 13V3.5m0 0L4 7.5m4-4 4 4"/></svg></button>
</form></div></footer>
<div class="toasts" id="toasts" role="status" aria-live="polite"></div>
<p class="unseen" id="status" role="status" aria-live="polite"></p>
<template id="pending"><article class="message person own pending"><h2 class="unseen">${words('web-you')}</h2><div class="bubble"><p class="text" dir="auto"></p></div><p class="state">${words('web-sending')}</p></article></template>
<script type="application/json" id="page">${jsonForScript({
    title: brand,
    query: page.query,
    after: page.after,
    hasEarlier: page.hasEarlier,
    commands: page.commands,
    words: {
      connected: words('web-connected'),
      reconnecting: words('web-reconnecting'),
      unsent: words('web-unsent'),
      notSent: words('web-not-sent', { reason: '{reason}' }),
    },
  })}</script>
<script type="module" nonce="${nonce}">${assets.script}</script>
</body>
</html>
`.html
}

/**
 * A browser that comes back from the payment page does not show its SameSite=Strict cookie on that first request.
 * This page asks again from our own address, and then it does.
 */
export function renderReturning(words: Words, brandName: string, address: string): string {
  return markup`<!doctype html>
<html lang="${words.language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="0; url=${address}"><title>${brandName}</title></head>
<body><p><a href="${address}">${words('web-returning')}</a></p></body></html>
`.html
}

function nameForm(name: string, words: Words): Html {
  return markup`<details class="who"><summary><span class="unseen">${words('web-name-label')}: </span><bdi id="my-name">${name}</bdi></summary>
<form id="name"><label for="typed-name">${words('web-name-label')}</label>
<input id="typed-name" name="name" value="${name}" maxlength="${NAME_MAX}" autocomplete="off" dir="auto">
<button type="submit" class="button primary">${words('web-name-save')}</button></form></details>`
}

function welcome({ words, brandName: brand, commands }: Page): Html {
  const chips = FIRST_STEPS.flatMap((name) => commands.find((command) => command.name === name) ?? { name, description: '' })
  return markup`<section class="welcome" id="welcome"><div class="mark">${MARK}</div>
<h2>${words('web-welcome-title')}</h2><p>${words('web-welcome-body', { brand })}</p>
<div class="chips">${chips.map((chip) => markup`<button type="button" class="chip" data-say="/${chip.name}"><b>/${chip.name}</b>${chip.description !== '' && markup`<span>${chip.description}</span>`}</button>`)}</div></section>`
}
