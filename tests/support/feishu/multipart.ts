export type Upload = { readonly fields: Readonly<Record<string, string>>; readonly files: ReadonlyMap<string, Buffer> }

/** A multipart/form-data body. A part with a Content-Type is a file, also without a file name: that is how the SDK sends a Buffer. */
export function parseUpload(body: Buffer, contentType: string): Upload {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1]
  if (!boundary) throw new Error('multipart body without a boundary')
  const fields: Record<string, string> = {}
  const files = new Map<string, Buffer>()
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
    if (name !== undefined) {
      if (/content-type:/i.test(headers) || /filename=/.test(headers)) files.set(name, Buffer.from(content))
      else fields[name] = content.toString('utf8')
    }
    start = end
  }
  return { fields, files }
}
