import { createHash, randomBytes } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { getCookie, setCookie } from 'hono/cookie'
import { html, raw } from 'hono/html'
import { secureHeaders } from 'hono/secure-headers'
import type { Pool } from 'pg'
import { z } from 'zod'
import { Incoming } from '../chat/incoming.ts'
import type { Text } from '../chat/view.ts'
import type { Clock } from '../clock.ts'
import type { Localiser } from '../i18n/index.ts'
import type { Log } from '../log.ts'
import { hashOf } from './hash-of.ts'
import { squeeze } from './recognise.ts'

/** Longer than any key or token; a longer body is not read. */
const BODY_MAX_BYTES = 16 * 1024
const SECRET_MAX = 4096

const COOKIE = 'handover'

const STYLE = `
:root{color-scheme:light dark;--ink:#1c2030;--paper:#f5f6fb;--card:#fff;--line:#d5d9ea;--quiet:#5a6180;--accent:#3f51d8}
@media(prefers-color-scheme:dark){:root{--ink:#eceefa;--paper:#12141f;--card:#1b1e2d;--line:#363b55;--quiet:#a3aac8;--accent:#7f8dff}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--paper);color:var(--ink);font:1.0625rem/1.55 system-ui,sans-serif;padding:1.25rem}
main{width:100%;max-width:28rem;background:var(--card);border:1px solid var(--line);border-radius:1.25rem;padding:1.75rem 1.5rem}
h1{font-size:1.3rem;line-height:1.3;margin:0 0 .5rem}
p{margin:.5rem 0}
.quiet{color:var(--quiet);font-size:.94rem}
.problem{border-left:4px solid #c62828;padding-left:.75rem}
label{display:block;font-weight:600;margin:1.25rem 0 .35rem}
input{width:100%;font:inherit;padding:.8rem .9rem;border:1px solid var(--line);border-radius:.75rem;background:var(--paper);color:inherit}
button{width:100%;font:inherit;font-weight:600;margin-top:1rem;padding:.85rem;border:0;border-radius:.75rem;background:var(--accent);color:#fff}
@media(prefers-color-scheme:dark){button{color:#12141f}}
input:focus-visible,button:focus-visible,a:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
`
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`

const Request = z.object({
  platform: z.string(),
  chat: Incoming.shape.chat,
  sender: Incoming.shape.sender,
  flow: z.string(),
  step: z.string(),
  view_id: z.string(),
  title: z.custom<Text>((value) => typeof value === 'object' && value !== null),
  hint: z.custom<Text>((value) => typeof value === 'object' && value !== null),
  language: z.string(),
  opened_by: z.string().nullable(),
  expires_at: z.date(),
  used_at: z.date().nullable(),
})
type Request = z.infer<typeof Request>

export type SecretPageOptions = {
  readonly pool: Pool
  readonly localiser: Localiser
  readonly clock: Clock
  readonly log: Log
  readonly brandName: string
  /** Cookies go over HTTPS only; false for a service on this machine alone. */
  readonly secure: boolean
  /** Takes the update with its secret beside it; rejects when it could not be stored. */
  readonly receive: (incoming: Incoming, secret: string) => Promise<void>
  /** The address of the chat it came from, if it has one. */
  readonly chatLink: (platform: string) => string | null
}

/**
 * `/s/<token>`: the page on which a person hands over a secret for the question they are asked in a chat. It is used once, for ten
 * minutes, by the browser that opened it first; it runs no script, loads nothing from anywhere, and is kept by no cache.
 */
export function createSecretPage(options: SecretPageOptions): Hono {
  const { pool, localiser, clock, log, brandName } = options
  const app = new Hono()

  async function find(token: string): Promise<Request | null> {
    const { rows } = await pool.query('SELECT * FROM secret_requests WHERE token_hash = $1', [hashOf(token)])
    return rows[0] === undefined ? null : Request.parse(rows[0])
  }

  function page(c: Context, status: 200 | 400 | 403 | 410 | 503, language: string, body: unknown) {
    return c.html(
      html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${brandName}</title>
<style>${raw(STYLE)}</style>
</head>
<body><main>${body}</main></body>
</html>
`,
      status,
    )
  }

  const words = (language: string) => (id: string, args?: Record<string, string>) =>
    localiser.text(args ? { id, args } : { id }, localiser.nearest(language))

  function closing(
    c: Context,
    status: 200 | 403 | 410 | 503,
    request: Request | null,
    what: 'over' | 'used' | 'other' | 'done' | 'later',
  ) {
    const language = request?.language ?? localiser.nearest(c.req.header('accept-language')?.split(/[,;]/, 1)[0]?.trim())
    const say = words(language)
    const link = request && options.chatLink(request.platform)
    const back = link ? html`<p><a href="${link}">${say('secret-page-back')}</a></p>` : ''
    return page(
      c,
      status,
      language,
      html`<h1>${say(`secret-page-${what}-title`)}</h1><p>${say(`secret-page-${what}`)}</p>${back}`,
    )
  }

  function form(c: Context, request: Request, problem?: string) {
    const { language, title, hint, sender, expires_at } = request
    const say = words(language)
    const spoken = localiser.nearest(language)
    const minutes = Math.max(1, Math.ceil((expires_at.getTime() - clock.now().getTime()) / 60_000))
    return page(
      c,
      problem === undefined ? 200 : 400,
      language,
      html`<h1>${localiser.text(title, spoken)}</h1>
<p>${localiser.text(hint, spoken)}</p>
<p class="quiet">${say('secret-page-for', { name: sender.name })}</p>
<form method="post">
${problem === undefined ? '' : html`<p class="problem" role="alert" id="problem">${problem}</p>`}
<label for="secret">${say('secret-page-label')}</label>
<input id="secret" name="secret" type="password" required maxlength="${SECRET_MAX}" autocomplete="off" autocapitalize="off" spellcheck="false" autofocus${
        problem === undefined ? '' : raw(' aria-describedby="problem" aria-invalid="true"')
      }>
<button>${say('secret-page-submit')}</button>
</form>
<p class="quiet">${say('secret-page-kept', { minutes: String(minutes) })}</p>`,
    )
  }

  /** Why a request can't be answered (any more) from here; null if it can. */
  function refusal(c: Context, request: Request | null) {
    if (!request) return closing(c, 410, null, 'over')
    const opener = getCookie(c, COOKIE)
    const isOpener = request.opened_by !== null && opener !== undefined && hashOf(opener) === request.opened_by
    if (request.used_at) return closing(c, isOpener ? 200 : 410, request, isOpener ? 'done' : 'used')
    if (request.expires_at <= clock.now()) return closing(c, 410, request, 'over')
    if (request.opened_by !== null && !isOpener) return closing(c, 403, request, 'other')
    return null
  }

  app.use(
    '/s/*',
    secureHeaders({ referrerPolicy: 'no-referrer', xFrameOptions: 'DENY', strictTransportSecurity: false }),
    async (c, next) => {
      await next()
      c.header('content-security-policy', POLICY)
      c.header('cache-control', 'no-store')
      c.header('x-robots-tag', 'noindex')
    },
    bodyLimit({ maxSize: BODY_MAX_BYTES, onError: (c) => c.text('This is longer than any key.\n', 413) }),
  )

  app.get('/s/:token', async (c) => {
    const token = c.req.param('token')
    const request = await find(token)
    const refused = refusal(c, request)
    if (refused || !request) return refused ?? closing(c, 410, null, 'over')
    // Chat apps fetch links too, for previews: only what a person opens is theirs from then on.
    if (request.opened_by === null && c.req.header('sec-fetch-mode') === 'navigate') {
      const opener = randomBytes(24).toString('base64url')
      const { rowCount } = await pool.query(
        'UPDATE secret_requests SET opened_by = $2 WHERE token_hash = $1 AND opened_by IS NULL',
        [hashOf(token), hashOf(opener)],
      )
      if (rowCount === 0) return closing(c, 403, request, 'other')
      setCookie(c, COOKIE, opener, {
        path: `/s/${token}`,
        httpOnly: true,
        sameSite: 'Strict',
        secure: options.secure,
        maxAge: 3600,
      })
    }
    return form(c, request)
  })

  app.post('/s/:token', async (c) => {
    const token = c.req.param('token')
    const request = await find(token)
    const refused = refusal(c, request)
    if (refused || !request) return refused ?? closing(c, 410, null, 'over')
    const typed = (await c.req.parseBody()).secret
    const secret = typeof typed === 'string' ? squeeze(typed) : ''
    if (secret === '' || secret.length > SECRET_MAX) return form(c, request, words(request.language)('secret-page-empty'))

    const tokenHash = hashOf(token)
    const used = await pool.query(
      'UPDATE secret_requests SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2',
      [tokenHash, clock.now()],
    )
    if (used.rowCount === 0) return closing(c, 410, request, 'used')
    const { platform, chat, sender, flow, step, view_id } = request
    try {
      await options.receive(
        {
          platform,
          chat,
          sender,
          updateKey: `handed:${tokenHash}`,
          at: clock.now().getTime(),
          content: { kind: 'handed', flow, step, viewId: view_id },
        },
        secret,
      )
    } catch (error) {
      log.error({ error }, 'a secret that was handed over could not be taken')
      await pool.query('UPDATE secret_requests SET used_at = NULL WHERE token_hash = $1', [tokenHash])
      return closing(c, 503, request, 'later')
    }
    // Asked for anew, so that going back or loading again sends nothing twice.
    return c.redirect(`/s/${token}`, 303)
  })

  return app
}
