import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../support/database.ts'
import { eventually } from '../support/eventually.ts'
import { type DataDirectory, dataDirectory, freePort, type RunningService, startService } from '../support/service.ts'

let database: TestDatabase
let data: DataDirectory
const services: RunningService[] = []

beforeAll(async () => {
  database = await createTestDatabase()
  data = await dataDirectory()
}, 240_000)
afterAll(async () => {
  for (const service of services) await service.kill('SIGTERM')
  await database?.close()
  data?.remove()
}, 60_000)

async function start(): Promise<RunningService> {
  const service = await startService({
    DATA_DIR: data.path,
    DATABASE_URL: database.url,
    PORT: String(await freePort()),
    STANDBY_GATEWAYS: '0',
  })
  services.push(service)
  return service
}

it('a second service of a database touches no assistant of the first, and takes over when that one is killed', {
  timeout: 120_000,
}, async () => {
  const first = await start()
  await eventually(async () => expect(first.output()).toContain('"ready"'))
  const second = await start()
  await eventually(async () => expect(second.output()).toContain('another process is the worker of this database'))
  expect(first.output()).not.toContain('another process')
  await first.kill('SIGKILL')
  services.shift()
  await eventually(async () => expect(second.output()).toContain('this process is the worker now'))
})
