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
  /** `POST /channels/{channel_id}/messages`: whether the description, as far as we keep it, has it. */
  isOperation(operation: string): boolean
  /** What Discord refuses. */
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
  const { operations, schemas } = Document.parse(JSON.parse(readFileSync(file, 'utf8')))
  const loose = compiler(schemas, (schema) => schema)
  const closed = compiler(schemas, (schema) => ('properties' in schema ? { additionalProperties: false, ...schema } : schema))

  return {
    isOperation: (operation) => operation in operations,
    request: (operation, body) => formErrors(loose(`${operation} body`, operations[operation]?.body ?? {}, body)),
    unknownFields: (operation, body) =>
      closed(`${operation} body`, operations[operation]?.body ?? {}, body)
        .filter(({ keyword }) => keyword === 'additionalProperties')
        .map(({ instancePath, params }) => `${instancePath.slice(1)}/${params.additionalProperty}`.replace(/^\//, ''))
        .filter((field) => !SENT_BY_LIBRARIES.has(field.replace(/^data\//, ''))),
    response: (operation, body) => formErrors(loose(`${operation} response`, operations[operation]?.response ?? {}, body)),
  }
}

type Change = (schema: Record<string, unknown>) => Record<string, unknown>

function compiler(schemas: Schemas, change: Change) {
  const ajv = new Ajv({ strict: false, allErrors: true })
  ajvFormats.default(ajv)
  const compiled = new Map<string, ValidateFunction>()
  const definitions = prepared(schemas, schemas, change)
  return (key: string, schema: object, value: unknown): readonly ErrorObject[] => {
    const validate = compiled.get(key) ?? ajv.compile({ ...Object(prepared(schema, schemas, change)), schemas: definitions })
    compiled.set(key, validate)
    return validate(value) ? [] : (validate.errors ?? [])
  }
}

/**
 * Alternatives that are told apart by their `type` become a choice by it, so that a mistake in a button is
 * reported as that mistake, and not as seven kinds of component that it is not.
 */
function prepared(schema: unknown, schemas: Schemas, change: Change): unknown {
  if (Array.isArray(schema)) return schema.map((one) => prepared(one, schemas, change))
  if (typeof schema !== 'object' || schema === null) return schema
  const inside = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, prepared(value, schemas, change)]))
  const { oneOf, ...rest } = change(inside)
  const kinds = Array.isArray(oneOf) ? oneOf.map((one) => kindsOf(one, schemas)) : []
  if (kinds.length < 2 || kinds.some((one) => one === null)) return oneOf === undefined ? rest : { ...rest, oneOf }
  const choices = kinds.flatMap((one) => (one ? [one] : []))
  return {
    ...rest,
    type: 'object',
    required: ['type'],
    properties: { type: { enum: choices.flatMap(({ types }) => types) } },
    allOf: choices.map(({ types, ref }) => ({
      if: { required: ['type'], properties: { type: { enum: types } } },
      // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
      then: { $ref: ref },
    })),
  }
}

const Kind = z.object({ required: z.array(z.string()), properties: z.object({ type: z.object({ enum: z.array(z.number()) }) }) })

function kindsOf(one: unknown, schemas: Schemas): { readonly types: readonly number[]; readonly ref: string } | null {
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
