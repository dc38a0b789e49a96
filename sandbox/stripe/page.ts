import { randomBytes } from 'node:crypto'
import type { Context } from 'hono'
import { html, raw } from 'hono/html'
import { pageStyle } from '../pages/style.ts'

/** What the pages of the stand-in share. */
export type Html = ReturnType<typeof html>

/** What is the checkout's own beyond the shared look: the test cards to choose from, links that look like buttons. */
const CHECKOUT_STYLE = `
.page.wide { align-items: start; }
.button { text-align: center; }
.cards { display: grid; gap: 8px; margin: 0; padding: 0; list-style: none; }
.cards a {
  display: flex; justify-content: space-between; align-items: center; gap: 12px; min-height: 44px; padding: 8px 12px;
  border: 1px solid var(--line); border-radius: 10px; text-decoration: none; color: var(--ink); font-size: .92rem;
}
.cards a[aria-current] { border-color: var(--accent); background: var(--accent-soft); }
.cards .number { font-variant-numeric: tabular-nums; white-space: nowrap; }
`

export const ribbon = html`<p class="ribbon">Sandbox: no real money</p>`

export function endPage(
  heading: string,
  words: string,
  more: { readonly tone?: 'success' | 'warning'; readonly back?: string } = {},
): Html {
  return html`<main class="page">
    ${ribbon}
    <section class="card" aria-labelledby="end">
      <h1 id="end">${heading}</h1>
      <p class="notice ${more.tone ?? ''}" role="status">${words}</p>
      ${more.back ? html`<a class="button primary" href="${more.back}">Go back to the chat</a>` : ''}
    </section>
  </main>`
}

export async function draw(
  context: Context,
  title: string,
  body: Html,
  status: 200 | 402 | 404 | 410 | 422 = 200,
): Promise<Response> {
  const nonce = randomBytes(16).toString('base64')
  context.header(
    'content-security-policy',
    `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  )
  context.header('referrer-policy', 'no-referrer')
  context.header('cache-control', 'no-store')
  return context.html(
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style nonce="${nonce}">${raw(pageStyle + CHECKOUT_STYLE)}</style>
</head>
<body>${body}</body>
</html>`,
    status,
  )
}

export const money = (cents: number, currency: string): string =>
  new Intl.NumberFormat('en', { style: 'currency', currency: currency.toUpperCase() }).format(cents / 100)
