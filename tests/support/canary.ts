import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Pool } from 'pg'

/** A made-up secret and what it stands for. Reports name the canary, never its value. */
export type Canary = { readonly name: string; readonly value: string }

/** One canary of each shape we deal with, different in every run. */
export function createCanaries() {
  const hex = (bytes: number) => randomBytes(bytes).toString('hex')
  return {
    openRouterKey: { name: 'OpenRouter key', value: `sk-or-v1-${hex(32)}` },
    anthropicKey: { name: 'Anthropic key', value: `sk-ant-api03-${hex(40)}AA` },
    stripeKey: { name: 'Stripe key', value: `sk_test_${hex(16)}` },
    webhookSecret: { name: 'webhook secret', value: `whsec_${hex(16)}` },
    telegramToken: {
      name: 'Telegram bot token',
      value: `${String(100_000_000 + randomBytes(3).readUIntBE(0, 3))}:AA${hex(17).slice(0, 33)}`,
    },
    gatewayToken: { name: 'gateway token', value: `gw_${hex(8)}` },
    bareSecret: { name: 'bare secret', value: hex(32) },
  } satisfies Record<string, Canary>
}

export type Places = {
  /** Every column of every table of every schema but PostgreSQL's own. */
  readonly database?: Pick<Pool, 'query'>
  /** Folders searched to their bottom. `exclude` gets the path relative to the folder and says what is meant to hold secrets. */
  readonly folders?: readonly { readonly path: string; readonly exclude?: (path: string) => boolean }[]
  readonly logLines?: readonly string[]
  /** Anything else: messages as sent, job payloads, snapshots. */
  readonly texts?: Readonly<Record<string, string>>
}

/** The ways a secret may be written: plain, in an address, in a JSON string, as hex, in base64 at each of three offsets. */
function spellings(value: string): string[] {
  const bytes = Buffer.from(value)
  // The first and last characters of base64 depend on the neighbours: what is left names the secret as surely.
  const base64 = [0, 1, 2].flatMap((offset) => {
    const written = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '')
      .slice(offset === 0 ? 0 : 4, -3)
    return [written, written.replaceAll('+', '-').replaceAll('/', '_')]
  })
  return [...new Set([value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1), bytes.toString('hex'), ...base64])]
}

/** Where any canary is found. Empty is what a test wants. */
export async function findCanaries(canaries: readonly Canary[], places: Places): Promise<string[]> {
  const needles = canaries.flatMap(({ name, value }) => spellings(value).map((text) => ({ name, text })))
  const inText = (text: string) => [
    ...new Set(needles.filter((needle) => text.includes(needle.text)).map((needle) => needle.name)),
  ]
  const found: string[] = []

  for (const [position, line] of (places.logLines ?? []).entries())
    for (const name of inText(line)) found.push(`${name} in log line ${position + 1}`)
  for (const [place, text] of Object.entries(places.texts ?? {}))
    for (const name of inText(text)) found.push(`${name} in ${place}`)
  for (const folder of places.folders ?? []) found.push(...(await findInFolder(needles, folder)))
  if (places.database) found.push(...(await findInDatabase(needles, places.database)))
  return found
}

/** Throws with every place at which a canary was found. */
export async function expectNowhere(canaries: readonly Canary[], places: Places): Promise<void> {
  const found = await findCanaries(canaries, places)
  if (found.length > 0) throw new Error(`secrets were found where none may be:\n${found.map((place) => `  ${place}`).join('\n')}`)
}

type Needle = { readonly name: string; readonly text: string }

async function findInFolder(
  needles: readonly Needle[],
  folder: { path: string; exclude?: (path: string) => boolean },
): Promise<string[]> {
  const found: string[] = []
  const longest = Math.max(...needles.map((needle) => needle.text.length))
  const entries = await readdir(folder.path, { withFileTypes: true, recursive: true })
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name)
    const shown = relative(folder.path, path)
    if (!entry.isFile() || folder.exclude?.(shown)) continue
    const names = new Set<string>()
    // In pieces, because a database's files are larger than a test should hold; the end of each is looked at again with the next.
    let rest = ''
    for await (const chunk of createReadStream(path, { encoding: 'latin1' })) {
      const text = rest + String(chunk)
      for (const needle of needles) if (text.includes(needle.text)) names.add(needle.name)
      rest = text.slice(-longest)
    }
    for (const name of names) found.push(`${name} in file ${shown}`)
  }
  return found
}

async function findInDatabase(needles: readonly Needle[], database: Pick<Pool, 'query'>): Promise<string[]> {
  const columns = await database.query<{ table: string; column: string; name: string }>(`
    SELECT format('%I.%I', n.nspname, c.relname) AS table, quote_ident(a.attname) AS column,
           n.nspname || '.' || c.relname || '.' || a.attname AS name
      FROM pg_attribute a
      JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'm')
      JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE a.attnum > 0 AND NOT a.attisdropped
       AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_t%'
     ORDER BY 3`)
  const found: string[] = []
  const texts = needles.map((needle) => needle.text)
  for (const { table, column, name } of columns.rows) {
    // Every type has a text form, so that none is forgotten; bytes read as hex, which is one of the spellings.
    const hits = await database.query<{ text: string }>(
      `SELECT DISTINCT needle AS text FROM ${table}, unnest($1::text[]) AS needle WHERE position(needle IN ${column}::text) > 0`,
      [texts],
    )
    const names = new Set(hits.rows.map((hit) => needles.find((needle) => needle.text === hit.text)?.name ?? 'a canary'))
    for (const canary of names) found.push(`${canary} in column ${name}`)
  }
  return found
}
