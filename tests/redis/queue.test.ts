import { afterAll, beforeAll, beforeEach, describe } from 'vitest'
import { queueContract } from '../jobs/queue-contract.ts'
import { type RedisServer, startRedis } from './redis-server.ts'

describe('on Redis', () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.stop())
  beforeEach(() => redis.empty())

  queueContract(() => ({ redisUrl: redis.url }))
})
