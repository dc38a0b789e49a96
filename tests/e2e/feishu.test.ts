import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFeishu, type Feishu } from '../support/feishu/index.ts'
import { dataDirectory, freePort, type RunningService, startService } from '../support/service.ts'
import { feishuWalker } from './feishu-walker.ts'
import { deployAssistant, destroyAssistant, OWN_KEYS, useAssistant, useOwnKey } from './walk.ts'

let feishu: Feishu
let data: Awaited<ReturnType<typeof dataDirectory>>
let service: RunningService

beforeAll(async () => {
  feishu = await createFeishu()
  data = await dataDirectory()
  service = await startService({
    DATA_DIR: data.path,
    PORT: String(await freePort()),
    FEISHU_APP_ID: feishu.appId,
    FEISHU_APP_SECRET: feishu.appSecret,
    FEISHU_DOMAIN: feishu.url,
    LOG_LEVEL: 'info',
  })
}, 180_000)

afterAll(async () => {
  await service?.kill('SIGINT')
  await feishu?.close()
  data?.remove()
}, 60_000)

describe('a team in Feishu', () => {
  it('orders in its group, pays, talks to a real OpenClaw of its own, switches its model and deletes it, while members only look', {
    timeout: 600_000,
  }, async () => {
    const owner = feishu.person({ name: '艾达 *Ada*', locale: 'en_us' })
    const group = feishu.group({ name: 'Team <b>', owner })
    const ada = feishuWalker(feishu, owner, group)
    const bob = feishuWalker(feishu, feishu.person({ name: 'Bob', locale: 'en_us' }), group)
    try {
      await deployAssistant(ada, 'Scout')
      await bob.say('/usage')
      await bob.until(/Spent/)
      await bob.say('/restart')
      await bob.until(/Only the owner and the admins/)
      feishu.dropConnection()
      await useAssistant(ada, 'Scout')
      await destroyAssistant(ada, 'Scout')
      // A key goes into a masked field of the card.
      await useOwnKey(ada, 'Luna', OWN_KEYS.google)
    } catch (error) {
      throw new Error(
        `${error instanceof Error ? error.message : error}\n\nthe service printed:\n${service.output().slice(-6000)}`,
      )
    }
    expect(feishu.violations).toEqual([])
  })
})
