import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRedactor, recogniseSecret, withoutSecrets } from '../../../core/secrets/index.ts'

const redact = createRedactor()
const hex = (length: number) => '0123456789abcdef'.repeat(Math.ceil(length / 16)).slice(0, length)
const mixed = (length: number) => 'aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0z'.repeat(Math.ceil(length / 31)).slice(0, length)

// Put together here so that no scanner takes this file for a leak.
const secrets: [kind: string, secret: string][] = [
  ['OpenRouter key', `sk-or-v1-${hex(64)}`],
  ['Anthropic key', `sk-ant-api03-${mixed(40)}-${mixed(40)}AA`],
  ['OpenAI key', `sk-proj-${mixed(60)}_${mixed(20)}`],
  ['API key', `sk-${mixed(48)}`],
  ['Stripe key', `sk_${'live'}_${mixed(24)}`],
  ['Stripe key', `sk_test_${mixed(24)}`],
  ['Stripe key', `rk_${'live'}_${mixed(24)}`],
  ['webhook secret', `whsec_${mixed(32)}`],
  ['Google key', `AIza${mixed(35)}`],
  ['API key', `ghp_${mixed(36)}`],
  ['gateway token', `gw_${'3f9'.repeat(5)}x`],
  ['Telegram bot token', `123456789:AA${mixed(33)}`],
  ['Discord bot token', `M${mixed(23)}.${mixed(6)}.${mixed(38)}`],
  ['signed token', `eyJ${mixed(20)}.eyJ${mixed(30)}.${mixed(43)}`],
]

describe('a secret in a text', () => {
  it.each(secrets)('that is a %s is replaced wherever it stands, with at most its last four characters kept', (kind, secret) => {
    for (const [before, after] of [
      ['', ''],
      ['the key is ', ', thanks'],
      ['{"value":"', '"}'],
      ['line\\n', '\\nline'],
      ['API_KEY=', ' node x'],
      ['(', ')'],
    ]) {
      const safe = redact(`${before}${secret}${after}`)
      expect(safe).toBe(`${before}[redacted ${kind} …${secret.slice(-4)}]${after}`)
      expect(redact(safe)).toBe(safe)
    }
    expect(redact(`https://example.org/x?y=${secret}/x`)).not.toContain(secret.slice(-12))
    expect(recogniseSecret(`please use ${secret}`)).toEqual({ kind, last4: `…${secret.slice(-4)}` })
  })

  it('that is a private key is replaced whole, even if the text ends within it', () => {
    const lines = Array.from({ length: 20 }, () => mixed(64)).join('\n')
    const begin = `-----BEGIN OPENSSH ${'PRIVATE'} KEY-----`
    expect(redact(`a\n${begin}\n${lines}\n-----END OPENSSH PRIVATE KEY-----\nb`)).toBe('a\n[redacted private key …]\nb')
    expect(redact(`a\n${begin}\nProc-Type: 4,ENCRYPTED\n\n${lines}`)).toBe('a\n[redacted private key …]')
  })

  it.each([
    ['Authorization: Bearer abcdef1234567890xyz', 'Authorization: Bearer [redacted authorization …0xyz]'],
    ['postgres://app:pa55word@db:5432/x', 'postgres://[redacted password in a link …]@db:5432/x'],
    ['https://:pa55word@host/', 'https://[redacted password in a link …]@host/'],
    ['"password": "hunter22"', '"password": "[redacted password …]"'],
    ['password=password', 'password=[redacted password …]'],
    ['密码：hunter22', '密码：[redacted password …]'],
    ['OPENCLAW_GATEWAY_TOKEN=0123456789abcdef0123', 'OPENCLAW_GATEWAY_TOKEN=[redacted secret …0123]'],
    ['{"apiKey":"abcdefghij0123456789"}', '{"apiKey":"[redacted secret …6789]"}'],
    ['?a=1&token=abcdefghij0123456789&b=2', '?a=1&token=[redacted secret …6789]&b=2'],
  ])('is known by what stands before it: %s', (text, safe) => {
    expect(redact(text)).toBe(safe)
    expect(redact(safe)).toBe(safe)
  })

  it.each([
    'the task-list-of-something-with-a-very-long-name is done',
    'anthropic/claude-sonnet-4.6 and nvidia/llama-3.1-nemotron-70b-instruct:free',
    'see https://example.org/path?page=2#key and mailto:someone@example.org',
    'updateKey=telegram:12345, tokens: 1234, max_tokens=4096, key: value',
    'bearer of bad news, basic misunderstanding',
    'I forgot my password: please help me',
    'ord_3f9a0b1c2d3e4f5g at 2026-11-22T21:59:54.123Z took 1700000000 ms',
    'de305d54-75b4-431b-adb2-eb6b9e546014',
    '我的服务器什么时候好？',
  ])('is not seen where there is none: %s', (text) => {
    expect(redact(text)).toBe(text)
    expect(withoutSecrets(text)).toEqual({ text, found: false })
  })

  it('is found exactly if it is a known one, also as it stands in an address or a JSON string', () => {
    const known = ['plain words/with "quotes"', 'plain words']
    const safe = createRedactor({ known: () => known })
    expect(safe(`a ${known[0]} b`)).toBe('a [redacted secret …tes"] b')
    expect(safe(`?x=${encodeURIComponent(known[0] ?? '')}`)).not.toContain('words')
    expect(safe(JSON.stringify({ x: known[0] }))).not.toContain('words')
    expect(createRedactor({ known: () => ['short'] })('a short text')).toBe('a short text')
  })
})

describe('a pasted message', () => {
  it('that is nothing but one long random word counts as a secret', () => {
    for (const secret of [hex(32), hex(64), mixed(32), mixed(64), `  ${mixed(40)}\n`]) {
      expect(withoutSecrets(secret)).toEqual({ text: `[redacted secret …${secret.trim().slice(-4)}]`, found: true })
    }
    for (const innocent of [
      'pneumonoultramicroscopicsilicovolcanoconiosis',
      'Llama-3.3-70B-Instruct-Turbo-Free-Edition',
      `${mixed(20)} ${mixed(20)}`,
    ]) {
      expect(recogniseSecret(innocent)).toBeNull()
    }
  })

  it('keeps its words around the secret', () => {
    expect(withoutSecrets(`use sk-ant-${mixed(30)} for the bot`)).toEqual({
      text: `use [redacted Anthropic key …${mixed(30).slice(-4)}] for the bot`,
      found: true,
    })
  })
})

describe('redaction', () => {
  const fragments = fc.constantFrom(
    ...secrets.map(([, secret]) => secret.slice(0, 14)),
    'eyJ',
    '.',
    ':',
    '-----',
    '-----BEGIN PRIVATE KEY-----',
    'password',
    '=',
    ' ',
    '://',
    '@',
    'key=',
    'Bearer ',
    '\\n',
    'a',
    '1',
    'A',
    '[redacted',
    '"',
    '字',
  )

  it('changes nothing more the second time, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fragments, fc.string()), { maxLength: 60 }), (parts) => {
        const once = redact(parts.join(''))
        expect(redact(once)).toBe(once)
      }),
    )
  })

  it('lets no secret through, whatever stands around it', () => {
    const around = fc.array(fragments, { maxLength: 8 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(around, fc.constantFrom(...secrets), around, (before, [, secret], after) => {
        expect(redact(`${before} ${secret} ${after}`)).not.toContain(secret)
      }),
    )
  })

  it('takes time linear in the text, however mean it is', () => {
    const MEGABYTE = 1_000_000
    const mean = [
      'a',
      '1',
      'eyJ',
      'eyJaaaaaaaa.',
      'sk-',
      'sk-or-',
      '-',
      '-----',
      '-----BEGIN PRIVATE KEY-----',
      'key=',
      'key="',
      'password:',
      'bearer ',
      '://',
      'a://b:',
      'aaaaaaaa:',
      'token ',
      ' ',
      'M',
      'Ma.',
      '1:',
      '123456:a',
      '\\n',
      'gw_',
      '[redacted ',
    ]
    for (const unit of mean) {
      const text = unit.repeat(MEGABYTE / unit.length)
      // Measured: below 0.2 s each. Anything quadratic takes minutes and meets the test's own deadline.
      expect(redact(text).length, unit).toBeGreaterThan(0)
    }
  })
})
