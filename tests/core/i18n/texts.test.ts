import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FluentResource } from '@fluent/bundle'
import { describe, expect, it } from 'vitest'
import { assetPath } from '../../../core/assets.ts'

const sourceOf = (language: string) => readFileSync(assetPath(`core/i18n/${language}.ftl`), 'utf8')

/** Ids as written, in order. The library skips what it can't parse without a word, so the two must be compared. */
const written = (source: string) => [...source.matchAll(/^([a-zA-Z][\w-]*) *=/gm)].map((match) => match[1] ?? '')

/** Every `$argument` of a message, in all its variants. */
function argumentsOf(source: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const [, id, body] of source.matchAll(/^([a-zA-Z][\w-]*) *=((?:.*)(?:\n(?:[ \t}].*|(?=\n[ \t]))?)*)/gm)) {
    if (id && body !== undefined)
      found.set(id, [...new Set([...body.matchAll(/\$([a-zA-Z][\w-]*)/g)].map((match) => match[1] ?? ''))].sort())
  }
  return found
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return ['node_modules', 'generated', 'dist'].includes(entry.name) ? [] : sources(path)
    return entry.name.endsWith('.ts') ? [readFileSync(path, 'utf8')] : []
  })
}

const english = sourceOf('en')
const chinese = sourceOf('zh')

describe('the shipped texts', () => {
  it.each([
    ['en', english],
    ['zh', chinese],
  ])('are all readable and written once in %s', (_language, source) => {
    const parsed = new FluentResource(source).body.map((message) => message.id)
    expect(parsed).toEqual(written(source))
    expect(parsed.filter((id, position) => parsed.indexOf(id) !== position)).toEqual([])
  })

  it('are the same in both languages, with the same arguments', () => {
    const en = argumentsOf(english)
    const zh = argumentsOf(chinese)
    expect([...zh.keys()].sort()).toEqual([...en.keys()].sort())
    for (const [id, names] of en) expect(`${id}: ${zh.get(id)?.join(' ')}`).toBe(`${id}: ${names.join(' ')}`)
  })

  it('are all used, and none that is used is missing', () => {
    const code = ['core', 'bots', 'jobs', 'sandbox'].flatMap((folder) => sources(assetPath(folder))).join('\n')
    const ids = written(english)
    const literals = new Set([...code.matchAll(/'([a-z][a-z0-9]*(?:-[a-z0-9]+)+)'/g)].map((match) => match[1] ?? ''))
    // `order-state-${state}` uses every id that begins so.
    const beginnings = [...code.matchAll(/`([a-z][a-z0-9]*-(?:[a-z0-9]+-)*)\$\{/g)].map((match) => match[1] ?? '')
    expect(ids.filter((id) => !literals.has(id) && !beginnings.some((beginning) => id.startsWith(beginning)))).toEqual([])

    // These forms can mean nothing but a text; a bare `id:` only if its beginning is that of a part's texts.
    const surely = code.matchAll(/(?:\{ id: |\bprogress: |\bstrength: |\bt\()'([a-z][a-z0-9]*(?:-[a-z0-9]+)+)'/g)
    const maybe = code.matchAll(/\bid: '([a-z][a-z0-9]*(?:-[a-z0-9]+)+)'/g)
    const parts = new Set(ids.map((id) => id.split('-')[0]))
    const asked = [
      ...[...surely].map((match) => match[1] ?? ''),
      ...[...maybe].map((match) => match[1] ?? '').filter((id) => parts.has(id.split('-')[0])),
    ]
    // OpenClaw's name for who connects, and our name for a warm-up's session.
    const known = new Set([...ids, 'gateway-client', 'warm-up'])
    expect([...new Set(asked.filter((id) => !known.has(id)))]).toEqual([])
  })
})
