import { readFileSync } from 'node:fs'
import { FluentBundle, FluentResource } from '@fluent/bundle'
import { assetPath } from '../assets.ts'
import type { Text, TextArgument } from '../chat/view.ts'
import { type AmountFormats, amountFormats } from './amounts.ts'
import { isolate } from './isolate.ts'
import type { Language, Localiser } from './localiser.ts'

const LANGUAGES: readonly Language[] = ['en', 'zh']
const FALLBACK: Language = 'en'

/** Texts of texts of texts: more than any sentence needs, and an end for one that contains itself. */
const MAX_DEPTH = 8

export type TextFault = { readonly id: string; readonly language: Language; readonly reason: string }

export class LocaliserError extends Error {
  override readonly name = 'LocaliserError'
  constructor(readonly fault: TextFault) {
    super(`text "${fault.id}" in ${fault.language}: ${fault.reason}. Look it up in core/i18n/${fault.language}.ftl.`)
  }
}

type Dictionary = { readonly bundle: FluentBundle; readonly amounts: AmountFormats }

function compile(language: Language, source: string): Dictionary {
  // Isolation is ours (isolate.ts): the library's would put marks around every number as well.
  const bundle = new FluentBundle(language, { useIsolating: false })
  const [clash] = bundle.addResource(new FluentResource(source))
  if (clash) throw new LocaliserError({ id: '', language, reason: clash.message })
  return { bundle, amounts: amountFormats(language) }
}

/**
 * Reads and compiles all languages once (a few milliseconds); a text then costs microseconds.
 *
 * Without `report` a fault (unknown id, missing argument) throws LocaliserError: tests find it. With `report`, which production
 * passes, each fault is reported and the reader gets English, or at the very last the id, rather than no answer.
 */
export function createLocaliser(
  options: {
    readonly report?: (fault: TextFault) => void
    /** Fluent sources instead of the shipped ones. */
    readonly sources?: Readonly<Record<Language, string>>
  } = {},
): Localiser {
  const read = (language: Language) =>
    compile(language, options.sources?.[language] ?? readFileSync(assetPath(`core/i18n/${language}.ftl`), 'utf8'))
  const dictionaries: Readonly<Record<Language, Dictionary>> = { en: read('en'), zh: read('zh') }

  function argument(value: TextArgument, language: Language, depth: number): string | number {
    if (typeof value === 'string') return isolate(value)
    if (typeof value === 'number') return value
    const { amounts } = dictionaries[language]
    if ('cents' in value) return amounts.cents(value.cents, value.currency)
    if ('micros' in value) return amounts.micros(value.micros)
    if ('date' in value) return amounts.date(value.date, value.style ?? 'day')
    return 'literal' in value.text ? isolate(value.text.literal) : format(value.text, language, depth + 1)
  }

  /** Throws LocaliserError. */
  function formatStrictly(text: Text, language: Language, depth: number): string {
    if ('literal' in text) return text.literal
    const { id, args } = text
    const { bundle } = dictionaries[language]
    const pattern = bundle.getMessage(id)?.value
    if (pattern === null || pattern === undefined) throw new LocaliserError({ id, language, reason: 'there is no such text' })
    if (typeof pattern === 'string') return pattern
    if (depth > MAX_DEPTH) throw new LocaliserError({ id, language, reason: 'it is nested too deeply' })

    const values: Record<string, string | number> = {}
    for (const name in args) {
      const value = args[name]
      if (value === undefined) continue
      try {
        values[name] = argument(value, language, depth)
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
        throw new LocaliserError({ id, language, reason: `argument ${name} cannot be written: ${error.message}` })
      }
    }
    const errors: Error[] = []
    const sentence = bundle.formatPattern(pattern, values, errors)
    if (errors[0]) throw new LocaliserError({ id, language, reason: errors[0].message })
    return sentence
  }

  function format(text: Text, language: Language, depth: number): string {
    try {
      return formatStrictly(text, language, depth)
    } catch (error) {
      if (!(error instanceof LocaliserError) || !options.report) throw error
      options.report(error.fault)
      if (language !== FALLBACK) return format(text, FALLBACK, depth)
      return error.fault.id
    }
  }

  return {
    text: (text, language) => format(text, language, 0),
    nearest(locale) {
      const wanted = locale?.toLowerCase().split(/[-_]/, 1)[0]
      return LANGUAGES.find((language) => language === wanted) ?? FALLBACK
    },
    languages: LANGUAGES,
  }
}
