import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'

/** The npm that came with this Node if it is where it usually is, else the one on the PATH. It reads the user's configuration and mirror. */
export function npmCommand(node = process.execPath): readonly string[] {
  const beside = dirname(node)
  const scripts = [
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(beside, '..', 'share', 'nodejs', 'npm', 'bin', 'npm-cli.js'),
  ]
  const script = scripts.find((path) => existsSync(path))
  return script === undefined ? ['npm'] : [node, script]
}

/**
 * No optional packages (they are for desktop use) and no install scripts: nothing of a downloaded package runs before it is in place, and
 * OpenClaw works without. Measured with a warm cache: 18 s and 600 MB; from an empty one 22 to 48 s.
 */
const FLAGS = ['--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund', '--no-progress', '--loglevel=error']

export type NpmFailure = { readonly kind: 'disk-full' | 'unavailable'; readonly detail: string }

const LastWords = 1500

/** Installs what package.json in `directory` names. Null is success. `started` hears the process number. */
export async function npmInstall(
  directory: string,
  options: {
    readonly npm: readonly string[]
    readonly timeoutSeconds: number
    readonly started?: (processId: number) => Promise<void>
  },
): Promise<NpmFailure | null> {
  const [command, ...words] = z.tuple([z.string()], z.string()).parse(options.npm)
  const child = spawn(command, [...words, 'install', ...FLAGS], { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    said = (said + part).slice(-LastWords)
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutSeconds * 1000)
  try {
    const ended = new Promise<number | string>((resolve) => {
      child.once('error', (error) => resolve(error.message))
      child.once('close', (code, signal) => resolve(code ?? signal ?? 'an unknown end'))
    })
    if (child.pid !== undefined) await options.started?.(child.pid)
    const end = await ended
    if (end === 0) return null
    const words = said.trim() === '' ? `npm ended with ${end}` : said.trim()
    return {
      kind: /ENOSPC|EDQUOT|no space left/i.test(said) ? 'disk-full' : 'unavailable',
      detail: end === 'SIGKILL' ? `npm took more than ${options.timeoutSeconds} s: ${words}` : words,
    }
  } finally {
    clearTimeout(timer)
  }
}
