/** A kind of secret that can be told by how it looks. `secret` finds it, with the group of the same name if not all of it is secret. */
type SecretShape = { readonly kind: string; readonly pattern: RegExp; readonly showsEnd: boolean }

// A secret begins where a word begins (unless its own beginning is unmistakable), or behind an escaped line end of a JSON string (\n, \t).
const START = String.raw`(?:(?<![A-Za-z0-9_-])|(?<=\\[nrt]))`

const shape = (kind: string, source: string, options: { flags?: string; showsEnd?: boolean } = {}): SecretShape => ({
  kind,
  pattern: new RegExp(source, `g${options.flags ?? ''}`),
  showsEnd: options.showsEnd ?? true,
})

/**
 * Every pattern takes time linear in the text: a repetition is either bounded, or begins only where a word does
 * and ends at a character it can't contain, so that no stretch of text is tried twice.
 *
 * Order matters: the particular before the general.
 */
const SECRET_SHAPES: readonly SecretShape[] = [
  // Everything from BEGIN up to the next five dashes; the END line may be missing from a cut log.
  shape('private key', `-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]*(?:-(?!----)[^-]*)*(?:-----END [A-Z ]{0,40}-----)?`, {
    showsEnd: false,
  }),
  shape('OpenRouter key', `(?:sk-or-v\\d{1,2}-|${START}sk-or-)[A-Za-z0-9]{16,}`),
  shape('Anthropic key', `(?:sk-ant-(?:api|admin|oat)\\d{2}-|${START}sk-ant-)[A-Za-z0-9_-]{16,}`),
  shape('OpenAI key', `${START}sk-(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{16,}`),
  shape('Stripe key', `${START}[sr]k_(?:live|test)_[A-Za-z0-9]{8,}`),
  shape('webhook secret', 'whsec_[A-Za-z0-9+/=_-]{8,}'),
  shape('API key', `${START}sk-[A-Za-z0-9]{20,}`),
  shape('Google key', 'AIza[A-Za-z0-9_-]{30,}'),
  shape('API key', `${START}(?:gsk_|xai-|hf_|ghp_|gho_|ghs_|github_pat_|glpat-|xox[abprs]-)[A-Za-z0-9_-]{16,}`),
  shape('gateway token', `${START}gw_[0-9a-z]{16}(?![0-9A-Za-z])`),
  // 123456789:AA…: the bot's id and 35 characters. In URLs it stands behind /bot.
  shape('Telegram bot token', String.raw`(?<!\d)\d{6,12}:[A-Za-z0-9_-]{30,}`),
  shape('Discord bot token', `${START}[MNO][A-Za-z0-9_-]{22,27}\\.[A-Za-z0-9_-]{6}\\.[A-Za-z0-9_-]{27,64}`),
  shape('signed token', `${START}eyJ[A-Za-z0-9_-]{6,}\\.[A-Za-z0-9_-]{6,}\\.[A-Za-z0-9_-]{6,}`),
  shape('authorization', String.raw`\b(?:bearer|basic)\s{1,4}(?<secret>(?=[A-Za-z._~+/=-]{0,64}\d)[A-Za-z0-9._~+/=-]{16,})`, {
    flags: 'i',
  }),
  shape('password in a link', String.raw`\b[a-z][a-z0-9+.-]{1,20}:\/\/(?<secret>[^\s/?#:@"'<>]{0,128}:[^\s/?#@"'<>]{1,256})@`, {
    flags: 'i',
    showsEnd: false,
  }),
  // `password: please help` is no password: behind a colon it must have a digit.
  shape(
    'password',
    String.raw`(?:password|passwd|passphrase|密码)["']?\s{0,2}(?:=|[:：](?=[^\d]{0,64}\d))\s{0,2}["']?(?<secret>[^\s"',;&]{6,128})`,
    { flags: 'i', showsEnd: false },
  ),
  // A long value with a digit in it, behind a word that says it is secret.
  shape(
    'secret',
    String.raw`(?:key|token|secret|authorization|credential|密钥)["']?\s{0,2}[=:：]\s{0,2}["']?(?<secret>(?=[A-Za-z+/_.~-]{0,64}\d)[A-Za-z0-9+/_.~-]{20,}={0,2})`,
    { flags: 'i' },
  ),
]

/** Those that are secrets by their own looks, whatever stands before them. */
const PLAIN_SHAPES = SECRET_SHAPES.filter(({ pattern }) => !pattern.source.includes('(?<secret>')).map(
  ({ kind, pattern, showsEnd }) => ({
    kind,
    showsEnd,
    all: new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace('g', '')),
    first: new RegExp(pattern.source, pattern.flags.replace('g', '')),
  }),
)

/** What the whole of a text is, if it is nothing but one secret. */
export const wholeShape = (text: string) => PLAIN_SHAPES.find(({ all }) => all.test(text)) ?? null

/** The first secret in a text that is one by its own looks. */
export function firstSecret(text: string): string | null {
  for (const { first } of PLAIN_SHAPES) {
    const match = first.exec(text)
    if (match) return match[0]
  }
  return null
}

/** The most of a secret that is ever shown again, and only of one long enough that it gives nothing away. */
const END_LENGTH = 4
const SHORTEST_SHOWN = 16

/** `…1234`, or `…` alone for a short one. */
export const endOf = (secret: string, shown = true): string =>
  shown && secret.length >= SHORTEST_SHOWN ? `…${secret.slice(-END_LENGTH)}` : '…'

/** What stands in place of a secret. Never itself looks like one. */
export const placeholder = (kind: string, end: string): string => `[redacted ${kind} ${end}]`

/** The text with everything that has the shape of a secret replaced; `found` is called with each. Linear in the text's length. */
export function replaceShapes(text: string, found?: (kind: string, end: string) => void): string {
  let safe = text
  for (const { kind, pattern, showsEnd } of SECRET_SHAPES) {
    safe = safe.replace(pattern, (match, ...rest) => {
      const groups: unknown = rest.at(-1)
      const inner =
        typeof groups === 'object' && groups !== null && 'secret' in groups && typeof groups.secret === 'string'
          ? groups.secret
          : match
      // Already replaced by an earlier shape, in whole or in part.
      if (inner.endsWith('[redacted')) return match
      const end = endOf(inner, showsEnd)
      found?.(kind, end)
      const at = match.lastIndexOf(inner)
      return match.slice(0, at) + placeholder(kind, end) + match.slice(at + inner.length)
    })
  }
  return safe
}
