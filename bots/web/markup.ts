/** A piece of HTML that is already safe to put into a page. */
export type Html = { readonly html: string }

type Insert = string | number | Html | readonly Html[] | false | undefined

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}

/** Tagged template: everything put in is escaped, except what was made by `markup` or `trusted` itself. */
export function markup(parts: TemplateStringsArray, ...inserts: readonly Insert[]): Html {
  let html = parts[0] ?? ''
  inserts.forEach((insert, index) => {
    html += insertHtml(insert) + (parts[index + 1] ?? '')
  })
  return { html }
}

/** Text of our own that is HTML, style or script already. Never for anything that came from outside. */
export const trusted = (html: string): Html => ({ html })

/** JSON for a `<script type="application/json">`: no `<` in it can end the element. */
export const jsonForScript = (value: unknown): Html => trusted(JSON.stringify(value).replaceAll('<', '\\u003c'))

function insertHtml(insert: Insert): string {
  if (insert === undefined || insert === false) return ''
  if (typeof insert === 'string') return escapeHtml(insert)
  if (typeof insert === 'number') return String(insert)
  if ('html' in insert) return insert.html
  return insert.map((piece) => piece.html).join('')
}
