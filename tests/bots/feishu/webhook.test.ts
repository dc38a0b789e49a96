import { describe, expect, it } from 'vitest'
import { decrypt, signatureProblem } from '../../../bots/feishu/signature.ts'
import { worlds } from './support.ts'

const { open } = worlds()
const message = (openId: string, id: string) => ({
  sender: { sender_id: { open_id: openId }, sender_type: 'user' },
  message: { message_id: id, chat_id: 'oc_1', chat_type: 'p2p', message_type: 'text', content: '{"text":"/usage"}' },
})
const opened = async () => {
  const world = await open({ way: 'webhook' })
  const ada = world.feishu.person({ name: 'Ada' })
  let sent = 0
  return { ...world, event: () => world.feishu.envelope('im.message.receive_v1', message(ada.openId, `om_${++sent}`)) }
}

describe('the Feishu webhook', () => {
  it('answers the challenge at once to whoever knows key and token, and to nobody else', async () => {
    const { feishu } = await opened()
    expect(await feishu.challenge()).toMatchObject({ status: 200 })
    expect(await feishu.challenge({ tamper: 'token' })).toMatchObject({ status: 401 })
  })

  it.each(['signature', 'token', 'body'] as const)('refuses a forged %s', async (tamper) => {
    const { feishu, inbox, event } = await opened()
    expect(await feishu.signedPost(event(), { tamper })).toMatchObject({ status: 401 })
    expect(inbox.all()).toEqual([])
  })

  it('refuses what is not encrypted, though it is signed', async () => {
    const { feishu, inbox, event } = await opened()
    expect(await feishu.signedPost(event(), { plain: true })).toMatchObject({ status: 401 })
    expect(inbox.all()).toEqual([])
  })

  it.each([-301, 301, -100_000])('refuses a request that is %s seconds from now', async (offset) => {
    const { feishu, inbox, event } = await opened()
    const timestampSeconds = Math.floor(Date.now() / 1000) + offset
    expect(await feishu.signedPost(event(), { timestampSeconds })).toMatchObject({ status: 401 })
    expect(inbox.all()).toEqual([])
  })

  it('takes a body that is signed as it is, however it is written', async () => {
    const { feishu, inbox, event } = await opened()
    expect(await feishu.signedPost(event(), { reformatted: true })).toMatchObject({ status: 200 })
    expect(await inbox.take()).toMatchObject({ content: { name: 'usage' } })
  })

  it('takes a late one within five minutes, for clocks differ', async () => {
    const { feishu, inbox, event } = await opened()
    expect(await feishu.signedPost(event(), { timestampSeconds: Math.floor(Date.now() / 1000) - 290 })).toMatchObject({
      status: 200,
    })
    await inbox.take()
  })

  it('answers old kinds of event, that nobody uses, so that they end', async () => {
    const { feishu, inbox } = await opened()
    expect(await feishu.signedPost({ type: 'event_callback', token: feishu.verificationToken, event: {} })).toMatchObject({
      status: 200,
    })
    expect(inbox.all()).toEqual([])
  })

  it('takes no more than a megabyte, and only posts of its own path', async () => {
    const { adapter } = await opened()
    const post = (body: string, path = '/feishu') => adapter.routes?.request(path, { method: 'POST', body })
    expect((await post('x'.repeat(1024 * 1024 + 1)))?.status).toBe(413)
    expect((await post('{}'))?.status).toBe(401)
    expect((await post('no json'))?.status).toBe(401)
    expect((await post('{"encrypt":"AAAA"}'))?.status).toBe(401)
    expect((await post('{}', '/other'))?.status).toBe(404)
  })

  it('passes a replayed request on once, and answers it each time', async () => {
    const keys: string[] = []
    const world = await open({ way: 'webhook', receive: async ({ updateKey }) => void keys.push(updateKey) })
    const { feishu } = world
    const ada = feishu.person({ name: 'Ada' })
    const routes = world.adapter.routes
    const bodies: Request[] = []
    // As it went over the wire, to be sent once more to the letter.
    const envelope = feishu.envelope('im.message.receive_v1', message(ada.openId, 'om_7'))
    const { encrypt, sign } = await import('../../support/feishu/webhook.ts')
    const body = JSON.stringify(encrypt(envelope, feishu.encryptKey))
    const headers = sign(body, feishu.encryptKey, `${Math.floor(Date.now() / 1000)}`, 'nonce')
    for (let turn = 0; turn < 3; turn += 1) bodies.push(new Request('http://x/feishu', { method: 'POST', body, headers }))
    for (const request of bodies) expect((await routes?.fetch(request))?.status).toBe(200)
    expect(keys).toEqual(['om_7'])
  })
})

describe('a signature', () => {
  const settings = { encryptKey: 'key', nowSeconds: 1_795_348_800 }
  it('is over timestamp, nonce, key and the bytes of the body', async () => {
    const { createHash } = await import('node:crypto')
    const right = createHash('sha256').update('1795348800nkey{}').digest('hex')
    const body = Buffer.from('{}')
    const headers = { signature: right, timestamp: '1795348800', nonce: 'n' }
    expect(signatureProblem(headers, body, settings)).toBeNull()
    expect(signatureProblem({ ...headers, signature: right.toUpperCase() }, body, settings)).toBeNull()
    expect(signatureProblem({ ...headers, signature: 'ab'.repeat(32) }, body, settings)).toBe('wrong signature')
    expect(signatureProblem({ ...headers, nonce: undefined }, body, settings)).toBe('no signature')
    expect(signatureProblem(headers, Buffer.from('{} '), settings)).toBe('wrong signature')
    expect(signatureProblem(headers, body, { ...settings, nowSeconds: settings.nowSeconds + 301 })).toBe('too old')
  })

  it('or an encryption that is none is no error, but nothing', () => {
    for (const encrypted of ['', 'AAAA', Buffer.alloc(48).toString('base64'), '????'])
      expect(decrypt(encrypted, 'key')).toBeNull()
    // The sample of Feishu's own documentation.
    expect(decrypt('P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=', 'test key')).toBe('hello world')
  })
})
