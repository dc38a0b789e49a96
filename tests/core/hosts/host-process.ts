import { createLocalHostProvider, createRuntimeInstaller } from '../../../core/hosts/index.ts'
import { ok } from '../../../core/problem.ts'
import { quietLog, systemClock } from '../../support/services.ts'

// A process to be killed: `start <directory> <command…>` starts a service on the host oc-one, `install <directory> <npm…>` installs 1.2.3.
const [what, directory = '', ...command] = process.argv.slice(2)

if (what === 'start') {
  const installer = {
    locate: (version: string) => ({ directory: '/nowhere', node: process.execPath, version }),
    isInstalled: async () => true,
    trouble: async () => null,
    install: async (version: string) => ok({ directory: '/nowhere', node: process.execPath, version }),
  }
  const hosts = createLocalHostProvider({
    dataDirectory: directory,
    clock: systemClock,
    log: quietLog,
    memoryMb: 8192,
    installer,
  })
  const host = await hosts.find('oc-one')
  await host?.startService({ command: command.map((word) => word.replace('PORT', String(host.gatewayPort))), env: {} })
  process.stdout.write('started\n')
} else {
  const installing = createRuntimeInstaller({
    directory,
    log: quietLog,
    npm: command,
    platform: 'linux-x64',
    freeBytes: async () => 2 ** 40,
  })
  process.stdout.write('installing\n')
  await installing.install('1.2.3')
}
setInterval(() => undefined, 1000)
