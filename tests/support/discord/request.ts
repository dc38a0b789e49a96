import type { IncomingMessage } from 'node:http'
import { Fault } from './fault.ts'
import type { Upload, Uploads } from './messages.ts'

export type ReadBody = { readonly json: unknown; readonly files: Uploads }
const NOTHING: Uploads = new Map()

export async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** A body as Discord takes it: JSON, or a form with the JSON in `payload_json` and the files in `files[n]`. */
export async function readBody(bytes: Buffer, contentType: string): Promise<ReadBody> {
  if (bytes.length === 0) return { json: undefined, files: NOTHING }
  if (!contentType.startsWith('multipart/form-data')) return { json: parseJson(bytes.toString()), files: NOTHING }
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } }).formData()
  const files = new Map<string, Upload>()
  let json: unknown = {}
  for (const [name, value] of form) {
    if (typeof value === 'string') {
      if (name !== 'payload_json') throw new Fault(400, 50035, 'Invalid Form Body', { blame: `the form field ${name}` })
      json = parseJson(value)
      continue
    }
    const id = /^files\[(\d+)\]$/.exec(name)?.[1]
    if (id === undefined) throw new Fault(400, 50035, 'Invalid Form Body', { blame: `the form field ${name}` })
    files.set(id, { filename: value.name, contentType: value.type || null, bytes: Buffer.from(await value.arrayBuffer()) })
  }
  return { json, files }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Fault(400, 50109, 'The request body contains invalid JSON.', { blame: 'the body is no JSON' })
  }
}

/** Half a surrogate pair: a text that was cut in the middle of a character. */
export const hasHalfCharacter = (json: unknown): boolean => /(?<!\\)\\ud[89a-f]/.test(JSON.stringify(json) ?? '')
