import { readFileSync } from 'node:fs'
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import ajvFormats from 'ajv-formats'
import { z } from 'zod'
import type { FormError } from './fault.ts'

const Schema = z.looseObject({})
const Document = z.object({
  operations: z.record(z.string(), z.object({ body: Schema.nullable(), response: Schema.nullable() })),
  schemas: z.record(z.string(), Schema),
})
type Schemas = z.infer<typeof Document>['schemas']

export type DiscordSchema = {
  /** What Discord refuses. An operation is named as there: `POST /channels/{channel_id}/messages`. */
  request(operation: string, body: unknown): readonly FormError[]
  /** Fields Discord would quietly ignore, a misspelt one for example. */
  unknownFields(operation: string, body: unknown): readonly string[]
  response(operation: string, body: unknown): readonly FormError[]
}

/** discord.js sends these with every message, to routes that do not know them too; Discord ignores them there. */
const SENT_BY_LIBRARIES = new Set(['tts', 'nonce', 'enforce_nonce'])

let loaded: DiscordSchema | undefined

/** The judge: Discord's own OpenAPI description. See the note inside the fixture for origin, version and licence. */
export function discordSchema(): DiscordSchema {
  loaded ??= load()
  return loaded
}

function load(): DiscordSchema {
  const file = new URL('../../fixtures/specs/discord.json', import.meta.url)
  const document = Document.parse(JSON.parse(readFileSync(file, 'utf8')))
  const bodies = compiler(document, 'body')
  const answers = compiler(document, 'response')
  const isIgnored = ({ keyword }: ErrorObject) => keyword === 'additionalProperties'

  return {
    request: (operation, body) => formErrors(bodies(operation, body).filter((error) => !isIgnored(error))),
    unknownFields: (operation, body) =>
      bodies(operation, body)
        .filter(isIgnored)
        .map(({ instancePath, params }) => `${instancePath.slice(1)}/${params.additionalProperty}`.replace(/^\//, ''))
        .filter((field) => !SENT_BY_LIBRARIES.has(field.replace(/^data\//, ''))),
    response: (operation, body) => formErrors(answers(operation, body).filter((error) => !isIgnored(error))),
  }
}

/**
 * Everything is compiled at once, so that no request waits for it: an interaction has three seconds. One document
 * for all, so that a schema that many operations share is compiled once.
 */
function compiler({ operations, schemas }: z.infer<typeof Document>, part: 'body' | 'response') {
  const ajv = new Ajv({ strict: false, allErrors: true, inlineRefs: false, code: { optimize: false }, validateSchema: false })
  ajvFormats.default(ajv)
  ajv.addSchema({ schemas: prepared(schemas, schemas), operations: prepared(operations, schemas) }, 'discord')
  const judges = new Map<string, ValidateFunction>()
  for (const [operation, parts] of Object.entries(operations)) {
    const pointer = operation.replaceAll('~', '~0').replaceAll('/', '~1')
    if (parts[part]) judges.set(operation, ajv.compile({ $ref: `discord#/operations/${encodeURIComponent(pointer)}/${part}` }))
  }
  return (operation: string, value: unknown): readonly ErrorObject[] => {
    const judge = judges.get(operation)
    return !judge || judge(value) ? [] : (judge.errors ?? [])
  }
}

/**
 * Alternatives that are told apart by their `type` become a choice by it, and what may be null is judged only if it is
 * not: so a mistake in a button is reported as that mistake, and not as seven kinds of component that it is not. Fields
 * that are not described become errors of their own kind.
 */
function prepared(schema: unknown, schemas: Schemas): unknown {
  if (Array.isArray(schema)) return schema.map((one) => prepared(one, schemas))
  if (typeof schema !== 'object' || schema === null) return schema
  const inside = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, prepared(value, schemas)]))
  const { oneOf, anyOf, ...others } = inside
  const rest = 'properties' in others ? { additionalProperties: false, ...others } : others
  if (Array.isArray(anyOf)) {
    const [first, second, ...more] = anyOf
    if (first?.type !== 'null' || more.length > 0) return { ...rest, anyOf }
    return { ...rest, if: { not: { type: 'null' } }, [THEN]: second }
  }
  if (!Array.isArray(oneOf)) return rest
  const kinds = oneOf.map((one) => kindOf(one, schemas))
  const choices = kinds.flatMap((one) => one ?? [])
  if (choices.length < 2 || choices.length < oneOf.length) return { ...rest, oneOf }
  return {
    ...rest,
    type: 'object',
    required: ['type'],
    properties: { type: { enum: choices.flatMap(({ types }) => types) } },
    allOf: choices.map(({ types, ref }) => ({
      if: { required: ['type'], properties: { type: { enum: types } } },
      [THEN]: { $ref: ref },
    })),
  }
}

/** The keyword, spelt so that nobody takes the schema for a promise. */
const THEN = 'then'
const Kind = z.object({ required: z.array(z.string()), properties: z.object({ type: z.object({ enum: z.array(z.number()) }) }) })

function kindOf(one: unknown, schemas: Schemas): { readonly types: readonly number[]; readonly ref: string } | null {
  const ref = z.object({ $ref: z.string() }).safeParse(one)
  if (!ref.success) return null
  const kind = Kind.safeParse(schemas[ref.data.$ref.replace('#/schemas/', '')])
  return kind.success && kind.data.required.includes('type')
    ? { types: kind.data.properties.type.enum, ref: ref.data.$ref }
    : null
}

/** Ajv's words in Discord's codes. */
function formErrors(errors: readonly ErrorObject[]): readonly FormError[] {
  return errors
    .filter(({ keyword }) => keyword !== 'if')
    .map(({ keyword, instancePath, params, message = '' }) => {
      const path = instancePath.split('/').slice(1)
      switch (keyword) {
        case 'required':
          return { path: [...path, params.missingProperty], code: 'BASE_TYPE_REQUIRED', message: 'This field is required' }
        case 'maxLength':
          return { path, code: 'BASE_TYPE_MAX_LENGTH', message: `Must be ${params.limit} or fewer in length.` }
        case 'minLength':
        case 'minItems':
          return { path, code: 'BASE_TYPE_BAD_LENGTH', message: `Must be ${params.limit} or more in length.` }
        case 'maxItems':
          return { path, code: 'BASE_TYPE_MAX_LENGTH', message: `Must be ${params.limit} or fewer in length.` }
        case 'enum':
          return { path, code: 'BASE_TYPE_CHOICES', message: `Value must be one of {${params.allowedValues}}.` }
        default:
          return { path, code: `BASE_TYPE_${keyword.toUpperCase()}`, message }
      }
    })
}
