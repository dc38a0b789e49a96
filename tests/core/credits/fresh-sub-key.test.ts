import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createFreshSubKey, SubKeyError, type SubKeys, subKeyName } from '../../../core/credits/index.ts'
import { type RunningOpenRouter, startOpenRouter } from '../../sandbox/openrouter-server.ts'
import { subKeysOf } from './support.ts'

let openrouter: RunningOpenRouter
let subKeys: SubKeys
beforeAll(async () => {
  openrouter = await startOpenRouter()
  subKeys = subKeysOf(openrouter)
})
afterEach(async () => {
  openrouter.control.clearFaults()
  for (const key of openrouter.control.keys()) await subKeys.delete(key.hash)
})
afterAll(() => openrouter.stop())

/** A row that a step would keep; `run` is the step. */
function deploy(id = 'ins_1') {
  const instance = { id, subKeyGeneration: 1 }
  const run = () =>
    createFreshSubKey(subKeys, instance, 8_000_000, async (generation) => {
      instance.subKeyGeneration = generation
    })
  return { instance, run }
}

const names = () => openrouter.control.keys().map((key) => key.name)

describe('the sub-key of a new instance', () => {
  it('is named after instance and generation and limited to the plan’s credit', async () => {
    const { run } = deploy()
    const key = await run()
    expect(key).toMatchObject({ generation: 1, secret: expect.stringMatching(/^sk-or-v1-/) })
    expect(await subKeys.find(key.hash)).toMatchObject({ name: subKeyName('ins_1', 1), limitMicros: 8_000_000 })
  })

  it('is exactly one after a creation that timed out after it succeeded', async () => {
    const { instance, run } = deploy()
    openrouter.control.fault({ method: 'POST', path: '/keys' }, { kind: 'drop-after-work' })
    await expect(run()).rejects.toMatchObject({ code: 'unreachable', retryable: true })
    expect(names()).toEqual(['oc-ins_1-g1'])

    const key = await run()
    expect(names()).toEqual(['oc-ins_1-g2'])
    expect(key.generation).toBe(2)
    expect(instance.subKeyGeneration).toBe(2)
  })

  it('is exactly one however often the answer is lost', async () => {
    const { run } = deploy()
    openrouter.control.fault({ method: 'POST', path: '/keys' }, { kind: 'drop-after-work' }, 3)
    for (let turn = 0; turn < 3; turn++) await expect(run()).rejects.toBeInstanceOf(SubKeyError)
    await run()
    expect(names()).toEqual(['oc-ins_1-g4'])
  })

  it('is exactly one after a kill between deleting the stray and saving the generation', async () => {
    const { instance } = deploy()
    await subKeys.create({ name: 'oc-ins_1-g1', limitMicros: 1 })
    const killed = createFreshSubKey(subKeys, instance, 8_000_000, async () => {
      throw new Error('killed')
    })
    await expect(killed).rejects.toThrow('killed')
    await createFreshSubKey(subKeys, instance, 8_000_000, async () => undefined)
    expect(names()).toEqual(['oc-ins_1-g1'])
  })

  it('removes all strays of its name and leaves other instances’ keys alone', async () => {
    for (const name of ['oc-ins_1-g1', 'oc-ins_1-g1', 'oc-ins_10-g1', 'somebody else’s'])
      await subKeys.create({ name, limitMicros: 1 })
    await deploy().run()
    expect(names().sort()).toEqual(['oc-ins_1-g2', 'oc-ins_10-g1', 'somebody else’s'])
  })
})
