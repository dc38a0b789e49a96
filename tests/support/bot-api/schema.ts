import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import { z } from 'zod'

const Document = z.object({
  methods: z.record(z.string(), z.object({ request: z.looseObject({}), result: z.looseObject({}) })),
  definitions: z.record(z.string(), z.looseObject({})),
})

/** Says what is wrong, or null. */
type Judge = (value: unknown) => string | null
export type BotApiSchema = {
  readonly isMethod: (method: string) => boolean
  readonly request: (method: string, parameters: unknown) => string | null
  readonly result: (method: string, result: unknown) => string | null
  readonly update: Judge
}

let loaded: BotApiSchema | undefined

/** The judge: the Bot API's published description. See the note inside the fixture for origin, version and licence. */
export function botApiSchema(): BotApiSchema {
  loaded ??= load()
  return loaded
}

function load(): BotApiSchema {
  const file = new URL('../../fixtures/specs/telegram-bot-api.json', import.meta.url)
  const { methods, definitions } = Document.parse(JSON.parse(readFileSync(file, 'utf8')))
  const ajv = new Ajv({ strict: false, allErrors: false })
  const compiled = new Map<string, ValidateFunction>()
  const judge = (key: string, schema: object, value: unknown): string | null => {
    const validate = compiled.get(key) ?? ajv.compile({ ...schema, definitions })
    compiled.set(key, validate)
    return validate(value) ? null : ajv.errorsText(validate.errors, { dataVar: key })
  }
  return {
    isMethod: (method) => method in methods,
    request: (method, parameters) => judge(method, methods[method]?.request ?? {}, parameters),
    result: (method, result) => judge(`${method} result`, methods[method]?.result ?? {}, result),
    update: (update) => judge('update', { $ref: '#/definitions/Update' }, update),
  }
}
