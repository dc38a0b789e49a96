import { describe, expect, it } from 'vitest'
import { createPublicPages } from '../../../core/http/index.ts'
import { createLocaliser } from '../../../core/i18n/index.ts'

const pages = (chatPath: string | null) =>
  createPublicPages({ localiser: createLocaliser(), brandName: 'Claw <Cloud>', chatPath })

describe('the public pages', () => {
  it('send whoever paid back to the chat, in their language', async () => {
    const read = async (language: string) =>
      (await pages(null).request('/paid', { headers: { 'accept-language': language } })).text()
    expect(await read('en-GB,en;q=0.9')).toContain('Go back to your chat; it shows how your assistant is coming up.')
    expect(await read('zh-CN,zh;q=0.9')).toMatch(/<html lang="zh">[\s\S]*谢谢/)
    expect(await read('en')).toContain('Claw &lt;Cloud&gt;')
  })

  it('thank nobody who did not pay', async () => {
    expect(await (await pages(null).request('/unpaid')).text()).toContain('Nothing was paid')
  })

  it('run nothing and are framed by nobody', async () => {
    const { headers } = await pages(null).request('/paid')
    expect(headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+';.*frame-ancestors 'none'/,
    )
    expect(headers.get('content-security-policy')).not.toContain('script')
    expect([headers.get('x-frame-options'), headers.get('referrer-policy')]).toEqual(['DENY', 'no-referrer'])
  })

  it('begin at the chat where there is one, and with a sentence where there is none', async () => {
    const toChat = await pages('/chat').request('/')
    expect([toChat.status, toChat.headers.get('location')]).toEqual([302, '/chat'])
    const alone = await pages(null).request('/')
    expect([alone.status, await alone.text()]).toEqual([200, 'Claw <Cloud> lives in its chat; there is nothing to see here.\n'])
  })
})
