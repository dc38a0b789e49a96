import type { FittedBlock, FittedButton, FittedForm, FittedMessage, FittedSelect } from '../../core/chat/fit.ts'
import type { Outgoing } from '../../core/chat/platform.ts'
import type { StepState } from '../../core/chat/view.ts'
import type { Row } from './history.ts'
import { type Html, markup, trusted } from './markup.ts'
import type { Words } from './words.ts'

/** Whose eyes a message is drawn for. Everything in it decides nothing but words and sides. */
export type Reader = {
  readonly words: Words
  readonly userId: string
  readonly brandName: string
  /** Names of published commands: where a text mentions one, it can be pressed. */
  readonly commands: ReadonlySet<string>
  /** Query string that leads back to this chat (`?room=…`), empty for the private one. */
  readonly query: string
}

/** Where a stored message is: its own pictures and files hang on that. */
export type Place = { readonly id: string; readonly revision: number; readonly at?: Date }

/** A row of the history as one `<article>`. */
export function renderRow(row: Row, reader: Reader): Html {
  const { body } = row
  const place = { id: row.id, revision: body.revision, at: row.at }
  if (body.kind === 'service') return renderMessage({ ...body, onlyYou: body.onlyFor !== undefined }, place, reader)
  const own = body.userId === reader.userId
  const { words } = reader
  const name = own || body.kind === 'removed' ? words('web-you') : body.name
  return markup`<article class="message person ${own ? 'own' : 'other'}" ${identity(place)} data-client="${body.clientId}">
<h2 class="${own ? 'unseen' : 'author'}" dir="auto">${name}</h2>
<div class="bubble">${
    body.kind === 'removed'
      ? markup`<p class="removed">${words('web-removed')}</p>`
      : markup`<p class="text" dir="auto">${body.text}</p>`
  }</div>
${time(place)}</article>`
}

/** A message of the service as one `<article>`. Pure; everything is escaped. */
export function renderMessage(
  outgoing: Pick<Outgoing, 'tone' | 'message'> & { readonly onlyYou?: boolean },
  place: Place,
  reader: Reader,
): Html {
  const { message, tone } = outgoing
  const { words } = reader
  const toneWord = tone === 'info' ? undefined : words(`web-tone-${tone}`)
  return markup`<article class="message service ${tone}" ${identity(place)} data-summary="${summary(message)}">
<h2 class="${reader.query === '' ? 'unseen' : 'author'}">${reader.brandName}${toneWord !== undefined && markup`<span class="unseen">, ${toneWord}</span>`}</h2>
<div class="bubble">${outgoing.onlyYou === true && markup`<p class="only-you">${words('web-only-you')}</p>`}
${message.blocks.map((block) => renderBlock(block, reader))}
${message.image && picture(message.image.alt, place, reader)}
${message.file && file(message.file.name, place, reader)}
${message.selects.map((select) => renderSelect(select, words))}
${message.form && renderForm(message.form, place, words)}
${message.rows.length > 0 && markup`<div class="rows">${message.rows.map((row) => markup`<div class="row">${row.map((button) => renderButton(button, words))}</div>`)}</div>`}
</div>
${time(place)}</article>`
}

const identity = (place: Place): Html => markup`id="m${place.id}" data-id="${place.id}" data-revision="${place.revision}"`

/** The page's script turns it into the reader's own time of day. */
const time = (place: Place): Html =>
  markup`${place.at && markup`<time datetime="${place.at.toISOString()}">${place.at.toISOString().slice(11, 16)} UTC</time>`}`

/** One line for a screen reader when a message changes in place: what runs now, or else what it is about. */
function summary(message: FittedMessage): string {
  for (const block of message.blocks) {
    const running =
      block.kind === 'progress' && block.steps.findLast((step) => step.state === 'running' || step.state === 'failed')
    if (running) return running.label
  }
  const first = message.blocks.find((block) => block.kind === 'title' || block.kind === 'text' || block.kind === 'note')
  return first && 'text' in first ? first.text.slice(0, 200) : ''
}

function renderBlock(block: FittedBlock, reader: Reader): Html {
  switch (block.kind) {
    case 'title':
      return markup`<h3 class="title" dir="auto">${block.text}</h3>`
    case 'text':
      return markup`<p class="text" dir="auto">${prose(block.text, reader)}</p>`
    case 'note':
      return markup`<p class="note" dir="auto">${prose(block.text, reader)}</p>`
    case 'code':
      return markup`<pre class="code" tabindex="0" dir="ltr"><code>${block.text}</code></pre>`
    case 'divider':
      return markup`<hr>`
    case 'fields':
      return markup`<dl class="fields">${block.items.map((item) => markup`<div><dt dir="auto">${item.label}</dt><dd dir="auto">${prose(item.value, reader)}</dd></div>`)}</dl>`
    case 'bar':
      return bar(block.share, block.caption)
    case 'progress':
      return progress(block.steps, reader.words)
  }
}

/** Shares from which a bar warns, as the alerts of the credit meter do (75 % and 95 %). */
const BAR_WARNING = 0.75
const BAR_DANGER = 0.95

function bar(share: number, caption: string): Html {
  const drawn = Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0))
  const level = drawn >= BAR_DANGER ? 'full' : drawn >= BAR_WARNING ? 'high' : 'low'
  return markup`<div class="bar ${level}"><progress max="1" value="${drawn}" aria-label="${caption}"></progress><p dir="auto" aria-hidden="true">${caption}</p></div>`
}

type Steps = Extract<FittedBlock, { kind: 'progress' }>['steps']

const ICONS: Readonly<Record<StepState, Html>> = {
  waiting: trusted('<circle cx="8" cy="8" r="6.25"/>'),
  running: trusted('<circle class="track" cx="8" cy="8" r="6.25"/><path class="turn" d="M8 1.75A6.25 6.25 0 0 1 14.25 8"/>'),
  done: trusted('<circle class="disc" cx="8" cy="8" r="7"/><path class="sign" d="m4.8 8.2 2.2 2.2 4.2-4.6"/>'),
  failed: trusted('<circle class="disc" cx="8" cy="8" r="7"/><path class="sign" d="m5.4 5.4 5.2 5.2m0-5.2-5.2 5.2"/>'),
  undone: trusted('<path d="M5.5 3 3 5.5 5.5 8M3.2 5.5h6.3a3.5 3.5 0 0 1 0 7H6"/>'),
}

function progress(steps: Steps, words: Words): Html {
  const done = steps.filter((step) => step.state === 'done').length
  const label = words('web-steps-done', { done, total: steps.length })
  return markup`<div class="progress"><progress max="${Math.max(1, steps.length)}" value="${done}" aria-label="${label}"></progress>
<ol>${steps.map(
    (step) => markup`<li class="${step.state}"><svg viewBox="0 0 16 16" aria-hidden="true">${ICONS[step.state]}</svg>
<span class="label" dir="auto">${step.label}<span class="unseen"> (${words(`web-step-${step.state}`)})</span></span>${
      step.seconds !== undefined &&
      markup`<span class="seconds">${words('web-seconds', { seconds: Math.round(step.seconds) })}</span>`
    }</li>`,
  )}</ol></div>`
}

function picture(alt: string, place: Place, reader: Reader): Html {
  // The revision in the address makes an edited chart a new picture for the browser's cache.
  const address = `/chat/images/${place.id}.png?revision=${place.revision}${reader.query.replace('?', '&')}`
  return markup`<a class="picture" href="${address}" target="_blank" rel="noopener"><img src="${address}" alt="${alt}" loading="lazy"></a>`
}

function file(name: string, place: Place, reader: Reader): Html {
  const address = `/chat/files/${place.id}/${encodeURIComponent(name)}${reader.query}`
  return markup`<a class="file" href="${address}" download="${name}"><svg viewBox="0 0 16 16" aria-hidden="true"><path d="M8 2v8m0 0 3-3m-3 3L5 7M3 13.5h10"/></svg><span class="unseen">${reader.words('web-download')} </span><bdi>${name}</bdi></a>`
}

function renderButton(button: FittedButton, words: Words): Html {
  if ('token' in button)
    return markup`<button type="button" class="button ${button.style}" data-token="${button.token}" dir="auto">${button.label}</button>`
  if (!isWebAddress(button.url)) return markup`<span class="text">${button.label}: ${button.url}</span>`
  return markup`<a class="button ${button.style}" href="${button.url}" target="_blank" rel="noopener" dir="auto">${button.label}<svg class="out" viewBox="0 0 16 16" aria-hidden="true"><path d="M6 3.5H3.5v9h9V10M9 3h4v4M13 3 7.5 8.5"/></svg><span class="unseen"> ${words('web-new-tab')}</span></a>`
}

function renderSelect(select: FittedSelect, words: Words): Html {
  return markup`<div class="select" role="group" aria-label="${select.label}"><p class="select-label" aria-hidden="true" dir="auto">${select.label}</p>
<div class="options">${select.options.map(
    (
      option,
    ) => markup`<button type="button" class="option" data-token="${option.token}" aria-pressed="${option.selected ? 'true' : 'false'}" dir="auto">
<span class="option-label">${option.label}</span>${option.note !== undefined && markup`<span class="option-note">${option.note}</span>`}${
      option.selected && markup`<span class="current">${words('web-current')}</span>`
    }</button>`,
  )}</div></div>`
}

function renderForm(form: FittedForm, place: Place, words: Words): Html {
  return markup`<form class="form" data-token="${form.token}" data-form="${form.name}" autocomplete="off">
${form.fields.map((field, index) => {
  const id = `f${place.id}-${index}`
  return markup`<div class="field"><label for="${id}" dir="auto">${field.label}</label>
<input id="${id}" name="${field.name}" type="${field.secret ? 'password' : 'text'}" maxlength="${field.maxLength}" autocomplete="off"${
    field.hint === undefined ? '' : markup` aria-describedby="${id}-hint"`
  } dir="auto">${field.hint !== undefined && markup`<p class="hint" id="${id}-hint" dir="auto">${field.hint}</p>`}${
    field.secret && markup`<p class="hint">${words('web-secret-hint')}</p>`
  }</div>`
})}
<button type="submit" class="button ${form.danger ? 'danger' : 'primary'}">${form.submitLabel}</button></form>`
}

const isWebAddress = (url: string): boolean => /^https?:\/\//i.test(url)

/** Addresses and published commands in running text; punctuation at an address's end belongs to the sentence. */
const LIVELY =
  /(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]}'"。，！？）])|(?<![\w/.:])\/([a-z][a-z0-9_]{0,31})(?![\w/]|\.\w)([.,;:!?)]*)/gi

function prose(text: string, reader: Reader): readonly Html[] {
  const pieces: Html[] = []
  let from = 0
  for (const match of text.matchAll(LIVELY)) {
    const [whole, address, command, after = ''] = match
    if (command !== undefined && !reader.commands.has(command.toLowerCase())) continue
    pieces.push(markup`${text.slice(from, match.index)}`)
    pieces.push(
      address !== undefined
        ? markup`<a href="${address}" target="_blank" rel="noopener">${address}</a>`
        : // A button may be broken from the full stop behind it, other than a word.
          markup`<span class="unbroken"><button type="button" class="command" data-say="/${command ?? ''}">/${command ?? ''}</button>${after}</span>`,
    )
    from = match.index + whole.length
  }
  return [...pieces, markup`${text.slice(from)}`]
}
