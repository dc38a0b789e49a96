import { z } from 'zod'
import { type ApiRequest, body } from './api.ts'
import { broken, fault } from './fault.ts'
import { hex, type World } from './world.ts'

const TOKEN_SECONDS = 7200
/** A token is handed out again until it has less than this left; then there are two good ones. */
const RENEWED_SECONDS = 1800
/** Who goes on with a refused token after this did not get a new one. */
const PATIENCE_MS = 2000

const Credentials = z.strictObject({ app_id: z.string(), app_secret: z.string() })

/** Tenant access tokens: what every call needs in its Authorization. */
export function createTokens(world: World, appSecret: string) {
  const goodUntil = new Map<string, number>()
  const refusedAt = new Map<string, number>()
  const invalid = 'Invalid access token for authorization. Please make a test attempt with the correct token.'

  return {
    issue({ json }: ApiRequest): Readonly<Record<string, unknown>> {
      const { app_id, app_secret } = body(Credentials, json, 'POST tenant_access_token')
      if (app_id !== world.appId) throw fault(10003, 'invalid param')
      if (app_secret !== appSecret) throw fault(10014, 'app secret invalid')
      const fresh = [...goodUntil].find(([, until]) => until - Date.now() > RENEWED_SECONDS * 1000)
      const [token, until] = fresh ?? [`t-${hex(20)}`, Date.now() + TOKEN_SECONDS * 1000]
      goodUntil.set(token, until)
      return { msg: 'ok', tenant_access_token: token, expire: Math.floor((until - Date.now()) / 1000) }
    },

    check(authorization: string | undefined): void {
      const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1]
      if (token === undefined) {
        throw broken(
          99991661,
          'Missing access token for authorization. Please make a request with token attached.',
          'a call without a token',
        )
      }
      const until = goodUntil.get(token)
      if (until === undefined) throw broken(99991663, invalid, 'a call with a token nobody was given')
      if (until > Date.now()) return
      const first = refusedAt.get(token) ?? Date.now()
      refusedAt.set(token, first)
      if (Date.now() - first > PATIENCE_MS)
        throw broken(99991663, invalid, 'a token was used on that had been refused as expired')
      throw fault(99991663, invalid)
    },

    expireAll(): void {
      for (const token of goodUntil.keys()) goodUntil.set(token, 0)
    },
  }
}
