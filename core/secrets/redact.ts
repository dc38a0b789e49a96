import { endOf, placeholder, replaceShapes } from './shapes.ts'

/** A shorter known value would be found inside innocent words. */
const SHORTEST_KNOWN = 8

/**
 * Takes secrets out of text that leaves our hands: logs, errors, what a gateway printed. It finds the shapes of all keys we deal with,
 * and exactly the values in `known` (also as they stand in a URL or a JSON string). What stays is what it was and at most four characters.
 */
export function createRedactor(options: { readonly known?: () => Iterable<string> } = {}): (text: string) => string {
  return (text) => {
    let safe = text
    for (const secret of longestFirst(options.known?.() ?? [])) {
      const spellings = new Set([secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)])
      for (const spelling of spellings)
        if (safe.includes(spelling)) safe = safe.replaceAll(spelling, () => placeholder('secret', endOf(secret)))
    }
    return replaceShapes(safe)
  }
}

/** A secret that contains another one is replaced first. */
const longestFirst = (secrets: Iterable<string>) =>
  [...secrets].filter((secret) => secret.length >= SHORTEST_KNOWN).sort((a, b) => b.length - a.length)
