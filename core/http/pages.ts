import { createHash } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { html, raw } from 'hono/html'
import { secureHeaders } from 'hono/secure-headers'
import type { Localiser } from '../i18n/index.ts'

const STYLE =
  'body{font:1.125rem/1.6 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1.5rem;color-scheme:light dark}'
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

export type PublicPagesOptions = {
  readonly localiser: Localiser
  readonly brandName: string
  /** Where people of this service chat in the browser, if they do. */
  readonly chatPath: string | null
}

/** What a browser sees that comes by: `/`, and where the payment page sends people whose chat has no address to go back to. */
export function createPublicPages({ localiser, brandName, chatPath }: PublicPagesOptions): Hono {
  const app = new Hono()

  const page = (id: string) => (c: Context) => {
    const language = localiser.nearest(c.req.header('accept-language')?.split(/[,;]/, 1)[0]?.trim())
    c.header('content-security-policy', POLICY)
    c.header('cache-control', 'no-store')
    c.header('vary', 'accept-language')
    return c.html(
      html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${brandName}</title>
<style>${raw(STYLE)}</style>
</head>
<body><main><p>${localiser.text({ id }, language)}</p></main></body>
</html>
`,
    )
  }

  const safe = secureHeaders({ referrerPolicy: 'no-referrer', xFrameOptions: 'DENY', strictTransportSecurity: false })
  app.get('/paid', safe, page('page-paid'))
  app.get('/unpaid', safe, page('page-unpaid'))
  app.get('/', (c) =>
    chatPath === null ? c.text(`${brandName} lives in its chat; there is nothing to see here.\n`) : c.redirect(chatPath),
  )
  return app
}
