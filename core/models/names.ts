/** Longer than any model's name; more of what was typed is not looked at. */
export const MODEL_QUERY_MAX = 80

/** What OpenRouter writes behind an id. Only `free` is a model of its own; the others are ways of choosing who runs it. */
const VARIANT = /:(free|nitro|floor|online|thinking|extended|beta|exacto)$/
/** A day at the end, as Anthropic (20250929) and OpenAI (2026-03-05) write it, and what clouds add behind it. */
const DAY = /[-@](20\d{6}|20\d\d-\d\d-\d\d)(-v\d+)?$/
/** Says how finished a model is, not which. */
const STAGE = /-(latest|preview|exp|experimental)$/
/** Ways to other sellers, written before the name: OpenClaw's reference, the backup key's, Google's list. */
const ROUTES = /^(openrouter|backup|models)\//

/** Letters and digits only: names are typed with and without dots, dashes and blanks. */
export const compact = (text: string): string => text.replace(/[\s._:/@-]+/g, '')

export type TypedName = {
  /** Lower case, without quotes and routes: compared with ids as they stand. */
  readonly id: string
  readonly vendor: string | null
  readonly variant: string | null
  /** Its letters and digits without vendor, variant and day. */
  readonly key: string
  /** The same without how finished it is. */
  readonly loose: string
}

/** What somebody typed, taken apart. */
export function typedName(typed: string): TypedName {
  let id = typed
    .slice(0, MODEL_QUERY_MAX)
    .toLowerCase()
    .replace(/[`"'“”‘’「」《》<>*]/g, '')
    .trim()
  while (ROUTES.test(id)) id = id.replace(ROUTES, '')
  id = id.replace(/\s*\/\s*/, '/').replace(/\s*:\s*(?=free$)/, ':')
  const free = /\s*\(free\)$|\s+free$/.test(id)
  if (free) id = id.replace(/\s*\(free\)$|\s+free$/, ':free')
  const variant = VARIANT.exec(id)?.[1] ?? null
  const plain = id.replace(VARIANT, '')
  const slash = plain.indexOf('/')
  const vendor = slash > 0 ? plain.slice(0, slash) : null
  const slug = plain.slice(slash + 1).replace(ROUTES, '')
  return { id, vendor, variant, key: keyOf(slug), loose: looseKeyOf(slug) }
}

const slugOf = (text: string) => text.toLowerCase().replace(/\s+/g, '-')
export const keyOf = (slug: string): string => compact(slugOf(slug).replace(DAY, ''))
export const looseKeyOf = (slug: string): string => compact(slugOf(slug).replace(DAY, '').replace(STAGE, ''))
export const isDated = (slug: string): boolean => DAY.test(slug)

export type IdParts = { readonly vendor: string | null; readonly slug: string; readonly free: boolean }

/** An id of a list: `vendor/slug:free`, or a native one without a vendor. */
export function idParts(id: string): IdParts {
  const plain = id.replace(/:free$/, '')
  const slash = plain.indexOf('/')
  return { vendor: slash > 0 ? plain.slice(0, slash) : null, slug: plain.slice(slash + 1), free: plain !== id }
}

/** `Anthropic: Claude Sonnet 4.6 (free)` without who sells it and for how much. */
export const plainName = (name: string): string => name.replace(/^[^:]{1,30}: /, '').replace(/ \(free\)$/, '')

/** The first numbers of a name, to tell which of a family is the newest: `claude-sonnet-4.6` is 4, 6. */
export function versionOf(slug: string): readonly [number, number] {
  const [, major = '0', minor = '0'] = /(\d{1,3})(?:[.-](\d{1,2})(?!\d))?/.exec(slug) ?? []
  return [Number(major), Number(minor)]
}
