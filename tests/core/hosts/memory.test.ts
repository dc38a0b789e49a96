import { describe, expect, it } from 'vitest'
import { memoryMbOf } from '../../../core/hosts/index.ts'

const GB = 2 ** 30

describe('the memory that places are counted with', () => {
  it('is the container’s limit where that is smaller than the machine', () => {
    expect(memoryMbOf(64 * GB, 4 * GB)).toBe(4096)
  })

  it.each([
    ['no limit is known', 0],
    ['Node does not say', undefined],
    ['the limit is beyond any machine', 2 ** 63],
  ])('is the machine’s where %s', (_what, limit) => {
    expect(memoryMbOf(8 * GB, limit)).toBe(8192)
  })
})
