import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

/**
 * The secret in `file` (mode 600), made at the first call. Two processes that start together agree on one: whoever links the
 * complete file to its name first has made it.
 */
export function keptSecret(file: string, make: () => string): string {
  if (!existsSync(file)) {
    const mine = `${file}.${process.pid}`
    writeFileSync(mine, `${make()}\n`, { mode: 0o600 })
    try {
      linkSync(mine, file)
    } catch (error) {
      if (!existsSync(file)) throw error
    } finally {
      rmSync(mine)
    }
  }
  return readFileSync(file, 'utf8').trim()
}
