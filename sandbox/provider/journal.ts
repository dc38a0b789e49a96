import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Append-only JSON lines: what was answered is on disk before the answer leaves, and a torn last line loses only itself. */
export type Journal = {
  append(entry: object): void
}

/**
 * Feeds every entry of an earlier run to `replay`, then replaces the file by `snapshot()`, which must say the same in
 * fewer lines. Writing is synchronous on purpose: an entry is some hundred bytes, and the order is the order of effects.
 */
export function openJournal(path: string, replay: (entry: unknown) => void, snapshot: () => readonly object[]): Journal {
  mkdirSync(dirname(path), { recursive: true })
  if (existsSync(path)) {
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      const entry = parseLine(line)
      if (entry !== undefined) replay(entry)
    }
  }
  const compacted = `${path}.new`
  writeFileSync(compacted, snapshot().map(toLine).join(''), { mode: 0o600 })
  renameSync(compacted, path)
  return { append: (entry) => appendFileSync(path, toLine(entry)) }
}

const toLine = (entry: object) => `${JSON.stringify(entry)}\n`

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    // Empty, or torn when the process was killed while writing it: its request was never answered.
    return undefined
  }
}
