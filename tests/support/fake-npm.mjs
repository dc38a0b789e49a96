// Stands in for npm in installer tests: `install` puts the packages of ./package.json where npm would, or fails the way npm does.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'

const [behaviour] = process.argv.slice(2)
const fail = (message) => {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
if (behaviour === 'offline') fail('npm error code ENOTFOUND\nnpm error network request failed, reason: getaddrinfo ENOTFOUND')
mkdirSync('node_modules/openclaw', { recursive: true })
if (behaviour === 'disk-full') fail('npm error code ENOSPC\nnpm error nospc ENOSPC: no space left on device, write')
if (behaviour === 'hang') setInterval(() => undefined, 1000)
else {
  const { dependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
  const version = behaviour === 'other-version' ? '0.0.1' : dependencies.openclaw
  const node = Object.keys(dependencies).find((name) => name !== 'openclaw')
  mkdirSync(`node_modules/${node}/bin`, { recursive: true })
  writeFileSync(`node_modules/${node}/bin/node`, `#!/bin/sh\necho "OpenClaw ${version} (fake)"\n`, { mode: 0o755 })
  writeFileSync('node_modules/openclaw/openclaw.mjs', '')
}
