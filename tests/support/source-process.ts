import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { build } from 'esbuild'
import { assetPath } from '../../core/assets.ts'

export type SourceProcess = {
  readonly child: ChildProcess
  /** Resolves with the first line that starts with `prefix` (also if it came before); rejects when the process ends. */
  line(prefix: string): Promise<string>
  /** `kill -9`, and waits until it is gone. */
  kill(): Promise<void>
}

/** Runs a TypeScript file of ours (path from the package's root) as a process of its own, to be killed at will. */
export async function startSource(path: string, args: readonly string[] = []): Promise<SourceProcess> {
  const folder = join(assetPath('.cache'), 'sources')
  mkdirSync(folder, { recursive: true })
  const outfile = join(folder, `${createHash('sha256').update(path).digest('hex').slice(0, 12)}-${process.pid}.mjs`)
  await build({
    entryPoints: [assetPath(path)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'error',
  })
  const child = spawn(process.execPath, ['--enable-source-maps', outfile, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines: string[] = []
  const waiting = new Set<() => void>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    for (const check of waiting) check()
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  return {
    child,
    line: (prefix) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const found = lines.find((line) => line.startsWith(prefix))
          if (found === undefined) return
          waiting.delete(check)
          resolve(found)
        }
        waiting.add(check)
        check()
        ended.then(() => reject(new Error(`${path} ended before it said "${prefix}": ${lines.join(' / ')}`)))
      }),
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
