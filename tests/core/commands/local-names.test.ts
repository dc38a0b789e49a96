import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { commandMenus, commands } from '../../../core/commands/index.ts'
import { createLocaliser } from '../../../core/i18n/index.ts'
import { createHouse, GROUP, type House } from '../access/support.ts'

let house: House
beforeEach(async () => {
  house = await createHouse()
})
afterEach(() => house.close())

describe('the names of commands', () => {
  it('are there in Chinese, each for one command, and shown in the Chinese menu only', () => {
    const chinese = commands.map(({ localNames }) => localNames?.zh)
    expect(chinese.every((name) => name !== undefined && /^\p{Script=Han}{2}$/u.test(name))).toBe(true)
    expect(new Set(chinese).size).toBe(commands.length)
    const [en, zh] = commandMenus(createLocaliser())
    expect(zh?.commands.find(({ name }) => name === 'usage')?.localName).toBe('用量')
    expect(en?.commands.some(({ localName }) => localName !== undefined)).toBe(false)
  })

  it('stand in the Chinese help behind the others', async () => {
    await house.says('ann', '/language 中文')
    expect(await house.says('ann', '/帮助')).toContain('/usage /用量')
  })

  it('mean the same whichever of them is typed, and are kept apart by their own in the audit', async () => {
    expect(await house.says('ann', '/帮助')).toBe(await house.says('ann', '/help'))
    const plain = { id: 'bob', groupRole: 'member' as const }
    expect(await house.says(plain, '/部署', { in: GROUP })).toContain('Only the owner and the admins')
    const { id } = await house.workspaceOf()
    expect(await house.audit(id)).toEqual(['refused deploy'])
  })
})
