import { describe, expect, it } from 'vitest'
import { look } from './index.ts'

const NAMES = {
  user: (id: string) => (id === '1' ? 'Ada' : undefined),
  role: (id: string) => (id === '2' ? 'Admins' : undefined),
  channel: (id: string) => (id === '3' ? 'general' : undefined),
}
const seen = (text: string) => look(text, NAMES)

describe('how a text looks in Discord', () => {
  it.each([
    ['**bold** *it* _it_ __under__ ~~gone~~ ||spoiler||', 'bold it it under gone spoiler'],
    ['***both***', 'both'],
    ['**bold _and_ more**', 'bold and more'],
    ['`code *as is* \\*`', 'code *as is* \\*'],
    ['``a ` b``', 'a ` b'],
    ['```ts\nconst a = 1 < 2\n  *b*\n```', 'const a = 1 < 2\n  *b*'],
    ['```one line```', 'one line'],
    ['# Title\n-# small\n> quoted\nplain # no title', 'Title\nsmall\nquoted\nplain # no title'],
    ['- one\n* two\n  - three\n1. four', '• one\n• two\n  • three\n1. four'],
    ['>>> all\nof it', 'all\nof it'],
    ['[label](https://example.com/a) and <https://example.com/b>', 'label and https://example.com/b'],
    ['<@1> <@!1> <@&2> <#3> <:wave:123> </usage:77>', '@Ada @Ada @Admins #general :wave: /usage'],
    ['<t:1795348800:R>', '2026-11-22 12:00 UTC'],
    ['<@9> @everyone <b> &amp; 1 < 2', '<@9> @everyone <b> &amp; 1 < 2'],
  ])('reads %j', (text, expected) => {
    expect(seen(text)).toBe(expected)
  })

  it.each([
    [
      '\\*not bold\\* \\_no\\_ \\`no\\` \\~\\~no\\~\\~ \\|\\|no\\|\\| \\# \\> \\[l](x) \\<@1>',
      '*not bold* _no_ `no` ~~no~~ ||no|| # > [l](x) <@1>',
    ],
    ['**\\*\\* stays**', '** stays'],
    ['a\\nb \\a \\1', 'a\\nb \\a \\1'],
    ['snake_case_name 2*3 * 4', 'snake_case_name 2*3 * 4'],
    ['\\- no list\n1\\. none', '- no list\n1. none'],
  ])('resolves what is escaped in %j', (text, expected) => {
    expect(seen(text)).toBe(expected)
  })

  it('shows backslashes inside an address: escaping there spoils it', () => {
    expect(seen('https://example.com/a\\_b')).toBe('https://example.com/a\\_b')
    expect(seen('https://example.com/a_b_c')).toBe('https://example.com/a_b_c')
  })
})
