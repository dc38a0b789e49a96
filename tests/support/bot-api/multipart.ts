export type Upload = { readonly name: string; readonly bytes: Buffer }
export type FormBody = { readonly fields: Record<string, string>; readonly files: Map<string, Upload> }

/** Parses a multipart/form-data body; also takes file names without quotes, as some bot libraries send them. */
export function parseMultipart(body: Buffer, contentType: string): FormBody {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1]
  if (!boundary) throw new Error('multipart body without a boundary')
  const fields: Record<string, string> = {}
  const files = new Map<string, Upload>()
  const delimiter = Buffer.from(`--${boundary}`)
  for (let start = body.indexOf(delimiter); start >= 0; ) {
    const end = body.indexOf(delimiter, start + delimiter.length)
    if (end < 0) break
    // A part is CRLF, headers, empty line, content, CRLF.
    const part = body.subarray(start + delimiter.length + 2, end - 2)
    const split = part.indexOf('\r\n\r\n')
    const headers = part.subarray(0, split).toString('utf8')
    const content = part.subarray(split + 4)
    const name = /[;\s]name="([^"]*)"/.exec(headers)?.[1]
    const fileName = /filename="?([^";\r\n]*)"?/.exec(headers)?.[1]
    if (name !== undefined) {
      if (fileName === undefined) fields[name] = content.toString('utf8')
      else files.set(name, { name: fileName, bytes: Buffer.from(content) })
    }
    start = end
  }
  return { fields, files }
}
