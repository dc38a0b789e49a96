import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { commandMenus, commands, createSuggest } from '../../../core/commands/index.ts'
import { createLocaliser } from '../../../core/i18n/index.ts'
import { quietLog } from '../../support/services.ts'
import { catalogue, createHouse, GROUP, type House } from '../access/support.ts'

let house: House
let suggest: ReturnType<typeof createSuggest>
beforeEach(async () => {
  house = await createHouse()
  suggest = createSuggest({ pool: house.database.pool, catalogue, commands, log: quietLog })
  await house.says('ann', '/help', { in: GROUP })
  await house.says('bob', '/help', { in: GROUP })
  const { id } = await house.workspaceOf()
  const ann = await house.personOf('ann')
  await house.hasAssistant('scout', 'Scout', id, ann)
  await house.hasAssistant('disco', 'Disco', id, ann)
})
afterEach(() => house.close())

const asked = (id: string, command: string, option: 'assistant' | 'text', typed = '') => ({
  sender: { id, name: id },
  chat: GROUP,
  command,
  option,
  typed,
})
const labels = async (...of: Parameters<typeof asked>) => (await suggest('memory', asked(...of))).map(({ label }) => label)

describe('choices while an argument is typed', () => {
  it('are the assistants of that workspace, those that begin so first', async () => {
    expect(await labels('ann', 'status', 'assistant')).toEqual(['Scout', 'Disco'])
    expect(await labels('ann', 'status', 'assistant', 'SC')).toEqual(['Scout', 'Disco'])
    expect(await labels('ann', 'status', 'assistant', 'di')).toEqual(['Disco'])
    expect(await labels('bob', 'usage', 'assistant', 'sco')).toEqual(['Scout', 'Disco'])
  })

  it('are none of what one may not do, of commands that take none, and for strangers', async () => {
    expect(await labels('bob', 'destroy', 'assistant')).toEqual([])
    expect(await labels('bob', 'model', 'text')).toEqual([])
    expect(await labels('ann', 'help', 'assistant')).toEqual([])
    expect(await labels('ann', 'nothing', 'text')).toEqual([])
    expect(await labels('eve', 'status', 'assistant')).toEqual([])
  })

  it('are models by name, sent by id, and the languages', async () => {
    expect(await suggest('memory', asked('ann', 'model', 'text', 'haiku'))).toEqual([
      { label: 'Anthropic: Claude Haiku 4.5', value: 'anthropic/claude-haiku-4.5' },
    ])
    expect(await labels('bob', 'language', 'text', 'z')).toEqual(['中文'])
  })

  it('are none, and no failure, when what they come from is slow or broken', async () => {
    const broken = createSuggest({
      pool: house.database.pool,
      catalogue: { search: async () => Promise.reject(new Error('down')) },
      commands,
      log: quietLog,
    })
    expect(await broken('memory', asked('ann', 'model', 'text', 'x'))).toEqual([])
    const slow = createSuggest({
      pool: house.database.pool,
      catalogue: { search: () => new Promise(() => undefined) },
      commands,
      log: quietLog,
    })
    expect(await slow('memory', asked('ann', 'model', 'text', 'x'))).toEqual([])
  })
})

describe('the menus', () => {
  const menus = commandMenus(createLocaliser())

  it('say in every language what each command takes, and which are for administrators', () => {
    for (const { commands: shown } of menus) {
      const model = shown.find(({ name }) => name === 'model')
      expect(model?.options?.map(({ name, suggests }) => [name, suggests])).toEqual([
        ['assistant', true],
        ['text', true],
      ])
      expect(shown.find(({ name }) => name === 'help')?.options).toEqual([])
      const forAdmins = shown.filter((known) => known.forAdmins).map(({ name }) => name)
      expect(forAdmins).toEqual(expect.arrayContaining(['deploy', 'restart', 'logs', 'destroy', 'access', 'audit']))
      for (const name of ['status', 'usage', 'help', 'language', 'link']) expect(forAdmins).not.toContain(name)
    }
    const [english, chinese] = menus
    expect(english?.commands[0]?.description).not.toBe(chinese?.commands[0]?.description)
  })

  it('require nothing: what is missing is asked for', () => {
    for (const { commands: shown } of menus)
      for (const { options } of shown) expect(options?.some(({ required }) => required)).toBe(false)
  })
})
