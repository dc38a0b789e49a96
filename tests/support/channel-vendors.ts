import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** A stand-in's HTTP server on loopback: each route answers with a status and JSON. */
async function serve(handle: (path: string, request: IncomingMessage, body: string) => readonly [number, unknown]) {
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part
    })
    request.on('end', () => {
      const [status, answer] = handle((request.url ?? '').split('?')[0] ?? '', request, body)
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    root: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

export type DiscordApps = Awaited<ReturnType<typeof createDiscordApps>>

/** Discord as the owner of an app's token sees it. */
export async function createDiscordApps() {
  const apps = new Map<string, { id: string; name: string; flags: number }>()
  let down = false
  const { root, close } = await serve((path, request) => {
    if (down) return [503, { message: 'upstream' }]
    const app = apps.get(/^Bot (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '')
    if (!app) return [401, { message: '401: Unauthorized', code: 0 }]
    if (path === '/api/v10/users/@me') return [200, { id: app.id, username: app.name, bot: true }]
    if (path === '/api/v10/applications/@me') return [200, { id: app.id, name: app.name, flags: app.flags }]
    return [404, { message: '404: Not Found', code: 0 }]
  })
  return {
    root: `${root}/api`,
    close,
    /** A new application with its bot's token. */
    create(name: string, id = '112233445566778899'): string {
      const first = Buffer.from(id).toString('base64url')
      const token = `${first}.GxYzAb.${'q9Zr'.repeat(9)}`
      apps.set(token, { id, name, flags: 0 })
      return token
    },
    /** Its owner switches on Message Content Intent. */
    allowContent: (token: string) => {
      const app = apps.get(token)
      if (app) app.flags |= 1 << 19
    },
    setDown: (now: boolean) => {
      down = now
    },
  }
}

export type FeishuApps = Awaited<ReturnType<typeof createFeishuApps>>

const ALL_SCOPES = [
  'im:message.p2p_msg:readonly',
  'im:message.group_at_msg:readonly',
  'im:message:send_as_bot',
  'im:resource',
  'cardkit:card:write',
]

/** What the person's link and the asking program have in common is known to Feishu alone. */
const deviceOf = (link: string) => (new URL(link).searchParams.get('user_code') ?? '').replace('user-', 'device-')

/** Feishu as the owner of an app sees it: making one by a device flow, and what a secret is worth. */
export async function createFeishuApps() {
  const apps = new Map<string, { secret: string; name: string; scopes: Set<string> }>()
  const devices = new Map<string, { state: 'pending' | 'denied' | 'expired' | string }>()
  let next = 1
  const { root, close } = await serve((path, request, body) => {
    if (path === '/oauth/v1/app/registration') {
      if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) return [415, {}]
      const form = new URLSearchParams(body)
      if (form.get('action') === 'begin') {
        const number = next++
        const code = `device-${number}`
        devices.set(code, { state: 'pending' })
        return [
          200,
          {
            device_code: code,
            verification_uri_complete: `https://accounts.example/verify?user_code=user-${number}`,
            interval: 1,
            expires_in: 600,
          },
        ]
      }
      const device = devices.get(form.get('device_code') ?? '')
      if (!device || device.state === 'expired') return [400, { error: 'expired_token' }]
      if (device.state === 'pending') return [400, { error: 'authorization_pending' }]
      if (device.state === 'denied') return [400, { error: 'access_denied', error_description: 'declined' }]
      const app = apps.get(device.state)
      return [
        200,
        { client_id: device.state, client_secret: app?.secret, user_info: { open_id: 'ou_ada', tenant_brand: 'feishu' } },
      ]
    }
    if (path === '/open-apis/auth/v3/tenant_access_token/internal') {
      const { app_id: id, app_secret: secret } = JSON.parse(body) as { app_id: string; app_secret: string }
      if (apps.get(id)?.secret !== secret) return [200, { code: 10014, msg: 'app secret invalid' }]
      return [200, { code: 0, msg: 'ok', tenant_access_token: `t-${id}`, expire: 7200 }]
    }
    const app = apps.get(/^Bearer t-(.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '')
    if (!app) return [400, { code: 99991663, msg: 'invalid token' }]
    if (path === '/open-apis/bot/v3/info') return [200, { code: 0, msg: 'ok', bot: { app_name: app.name, activate_status: 2 } }]
    if (path === '/open-apis/application/v6/scopes')
      return [
        200,
        { code: 0, msg: 'ok', data: { scopes: [...app.scopes].map((name) => ({ scope_name: name, grant_status: 1 })) } },
      ]
    return [404, {}]
  })
  const create = (name: string, scopes: readonly string[] = ALL_SCOPES, id = `cli_${String(next++).padStart(16, '0')}`) => {
    const secret = `Ab1${'cD2eF3gH4'.repeat(4)}`.slice(0, 32)
    apps.set(id, { secret, name, scopes: new Set(scopes) })
    return { id, secret }
  }
  return {
    root,
    close,
    create,
    grant: (id: string, ...scopes: string[]) => {
      for (const scope of scopes) apps.get(id)?.scopes.add(scope)
    },
    /** The person who opened a link says yes: the app is there. */
    confirms(link: string, name = '小助手') {
      const code = deviceOf(link)
      const app = create(name)
      devices.set(code, { state: app.id })
      return app
    },
    declines: (link: string) => void devices.set(deviceOf(link), { state: 'denied' }),
    expires: (link: string) => void devices.set(deviceOf(link), { state: 'expired' }),
  }
}
