import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type BotApi, createBotApi, type Person, parseHtml } from './index.ts'

const Answer = z.object({
  ok: z.boolean(),
  error_code: z.number().optional(),
  description: z.string().optional(),
  result: z.unknown().optional(),
})

describe('the fake Bot API', () => {
  let api: BotApi
  let ada: Person

  beforeEach(async () => {
    api = await createBotApi()
    ada = api.person()
    ada.sends('/start')
  })
  afterEach(() => api.close())

  async function call(method: string, parameters: object = {}) {
    const response = await fetch(`${api.url}/bot${api.token}/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(parameters),
    })
    return Answer.parse(await response.json())
  }
  const send = (parameters: object) => call('sendMessage', { chat_id: ada.chat.id, ...parameters })
  const keyboard = (button: object) => ({ text: 'x', reply_markup: { inline_keyboard: [[button]] } })

  it.each([
    ['4096 characters', { text: '👍'.repeat(2048) }, undefined],
    ['more than 4096, counted in UTF-16', { text: `${'👍'.repeat(2048)}.` }, 'Bad Request: message is too long'],
    ['4096 after formatting', { text: `<b>${'x'.repeat(4096)}</b>`, parse_mode: 'HTML' }, undefined],
    ['nothing to see', { text: ' \n ' }, 'Bad Request: message text is empty'],
    ['64 bytes on a button', keyboard({ text: 'b', callback_data: 'ü'.repeat(32) }), undefined],
    ['65 bytes on a button', keyboard({ text: 'b', callback_data: `${'ü'.repeat(32)}x` }), 'Bad Request: BUTTON_DATA_INVALID'],
    [
      'an address without a dot',
      keyboard({ text: 'b', url: 'http://localhost:1' }),
      "Bad Request: inline keyboard button URL 'http://localhost:1' is invalid: Wrong HTTP URL",
    ],
    [
      'broken HTML',
      { text: '<b>x', parse_mode: 'HTML' },
      'Bad Request: can\'t parse entities: Can\'t find end tag corresponding to start tag "b"',
    ],
    [
      'formatting beyond the text',
      { text: 'x', entities: [{ type: 'bold', offset: 0, length: 2 }] },
      "Bad Request: can't parse entities: bold at 0 with length 2 is out of bounds or splits a character",
    ],
    ['half a character', { text: 'x\uD83D' }, 'Bad Request: strings must be encoded in UTF-8'],
    ['an unknown chat', { chat_id: 404, text: 'x' }, 'Bad Request: chat not found'],
  ])('judges a message with %s as Telegram does', async (_name, parameters, description) => {
    const answer = await send(parameters)
    expect(answer.description).toBe(description)
    expect(answer.ok).toBe(description === undefined)
    expect(api.violations).toEqual([])
  })

  it('records and refuses what the published description does not know', async () => {
    expect((await send({ text: 'x', repy_markup: {} })).error_code).toBe(400)
    expect((await send({ ...keyboard({ text: 'b', calback_data: '1' }) })).error_code).toBe(400)
    expect((await call('sendMesage')).error_code).toBe(400)
    expect(api.violations).toHaveLength(3)
  })

  it('refuses an edit that changes nothing, one of a deleted message, and words for a picture', async () => {
    await send({ text: 'a' })
    const id = ada.chat.last()?.id ?? 0
    const edit = (text: string) => call('editMessageText', { chat_id: ada.chat.id, message_id: id, text })
    expect((await edit('a')).description).toContain('message is not modified')
    expect((await edit('b')).ok).toBe(true)
    expect(ada.chat.last()).toMatchObject({ text: 'b', edits: 1 })
    ada.deletes(id)
    expect((await edit('c')).description).toBe('Bad Request: message to edit not found')
  })

  it('keeps updates until a higher offset confirms them', async () => {
    const ids = z.array(z.object({ update_id: z.number() }))
    const read = async (parameters: object) =>
      ids.parse((await call('getUpdates', parameters)).result).map(({ update_id }) => update_id)
    ada.sends('two')
    const [first = 0, second = 0] = await read({})
    expect(await read({})).toEqual([first, second])
    expect(await read({ offset: first + 1 })).toEqual([second])
    expect(await read({ offset: second + 1 })).toEqual([])
    expect(await read({ limit: 5 })).toEqual([])
  })

  it('answers a press once, and not after it expired', async () => {
    await send(keyboard({ text: 'Go', callback_data: 'go' }))
    const [first, second] = [ada.presses('Go'), ada.presses('Go')]
    const answer = (id: string, text = 'ok') => call('answerCallbackQuery', { callback_query_id: id, text })
    expect((await answer(first.id)).ok).toBe(true)
    expect((await answer(first.id)).description).toContain('query is too old')
    expect(ada.toasts()).toEqual(['ok'])
    api.expirePresses()
    expect((await answer(second.id)).description).toContain('query is too old')
    expect(() => ada.presses('Gone')).toThrow('sees no button "Gone" to press; there are: Go')
  })

  it.each([
    ['a &lt;b&gt; &amp; <b>bold <i>both</i></b>', 'a <b> & bold both', ['bold', 'italic']],
    ['<a href="https://x.test/?a=1">link</a>', 'link', ['text_link']],
  ])('reads %s', (html, text, types) => {
    const parsed = parseHtml(html)
    expect([parsed.text, parsed.entities.map(({ type }) => type)]).toEqual([text, types])
  })

  it.each([
    ['<x>', 'Unsupported start tag "x" at byte offset 0'],
    ['ü</b>', 'Unexpected end tag at byte offset 2'],
    ['<b>x</i>', 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'],
    ['1 <2', 'Unclosed start tag at byte offset 2'],
  ])('refuses %s', (html, description) => {
    expect(() => parseHtml(html)).toThrow(`Bad Request: can't parse entities: ${description}`)
  })
})
