import { spawnSync } from 'node:child_process'

/** End-to-end tests start what a user starts: dist/, as it follows from the sources now. */
export default function setup(): void {
  const build = spawnSync(process.execPath, ['build.js'], { cwd: new URL('../..', import.meta.url), encoding: 'utf8' })
  if (build.status !== 0) throw new Error(`the build failed:\n${build.stdout}${build.stderr}`)
}
