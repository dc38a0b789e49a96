import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { publishCommands, slashCommands } from '../../../bots/discord/commands.ts'
import { createDiscord as createAdapter } from '../../../bots/discord/index.ts'
import type { CommandMenu } from '../../../core/chat/platform.ts'
import { commandMenus } from '../../../core/commands/index.ts'
import { createLocaliser } from '../../../core/i18n/index.ts'
import { clock, silent } from '../../contracts/platform-samples.ts'
import { createDiscord, type Discord } from '../../support/discord/index.ts'

const menus = commandMenus(createLocaliser())

let discord: Discord
beforeEach(async () => {
  discord = await createDiscord()
})
afterEach(async () => {
  await discord.close()
  expect(discord.violations).toEqual([])
})

const publish = async (published: readonly CommandMenu[]) => {
  const { token, applicationId, url: apiRoot } = discord
  const adapter = await createAdapter({
    token,
    applicationId,
    apiRoot,
    clock,
    log: silent,
    draw: async () => Buffer.alloc(0),
    random: () => 0,
  })
  await adapter.publishCommands(published)
}
const shown = (name: string, language?: 'zh-CN') => discord.commands(language).find((one) => one.name === name)

describe('the commands in Discord', () => {
  it('are all of ours, for servers and for private chats, in English and Chinese', async () => {
    await publish(menus)
    expect(discord.commands().map(({ name }) => name)).toEqual(menus[0]?.commands.map(({ name }) => name))
    expect(discord.commands().every(({ contexts }) => contexts?.join() === '0,1')).toBe(true)
    expect(shown('usage')?.description).toBe('AI credit spent and left')
    expect(shown('用量', 'zh-CN')?.description).not.toBe('AI credit spent and left')
  })

  it('have a field for each argument, with choices where there are some, none of them required', async () => {
    await publish(menus)
    expect(shown('model')?.options).toMatchObject([
      { name: 'assistant', required: false, autocomplete: true },
      { name: 'text', required: false, autocomplete: true },
    ])
    expect(shown('ask')?.options).toMatchObject([
      { name: 'assistant', autocomplete: true },
      { name: 'text', autocomplete: false },
    ])
    expect(shown('模型', 'zh-CN')?.options.map(({ name }) => name)).toEqual(['助手', '内容'])
    expect(shown('help')?.options).toEqual([])
  })

  it('that change or cost something are hidden from plain members, and no others', async () => {
    await publish(menus)
    const hidden = discord.commands().filter(({ defaultMemberPermissions }) => defaultMemberPermissions !== null)
    expect(new Set(hidden.map(({ defaultMemberPermissions }) => defaultMemberPermissions))).toEqual(new Set(['32']))
    expect(hidden.map(({ name }) => name).sort()).toEqual(['access', 'audit', 'deploy', 'destroy', 'key', 'logs', 'restart'])
    const guild = discord.guild()
    const member = discord.person({ name: 'Bob' })
    await expect(member.command('deploy', {}, guild)).rejects.toThrow('hidden')
  })

  it('are written once, however often the service starts, and again when one of them changed', async () => {
    await publish(menus)
    await publish(menus)
    expect(discord.commandWrites()).toBe(1)
    const [first, ...others] = menus
    if (!first) throw new Error('no menu')
    const changed = first.commands.map((one) => (one.name === 'help' ? { ...one, description: 'Everything' } : one))
    await publish([{ ...first, commands: changed }, ...others])
    expect(discord.commandWrites()).toBe(2)
    expect(shown('help')?.description).toBe('Everything')
    // Taken away, added, translated anew, given to everybody: all of it counts.
    await publish([{ ...first, commands: first.commands.slice(1) }, ...others])
    await publish(menus)
    await publish([first])
    await publish([{ ...first, commands: first.commands.map((one) => ({ ...one, forAdmins: false })) }])
    expect(discord.commandWrites()).toBe(6)
  })

  it('keep the long description short enough', () => {
    const long = { language: 'en', commands: [{ name: 'x', description: '长'.repeat(300) }] }
    expect(slashCommands([long])[0]?.description).toHaveLength(100)
  })

  it('are left alone when Discord can’t be asked, and nothing breaks', async () => {
    const broken = { commands: () => Promise.reject(new Error('no answer')), putCommands: async () => undefined }
    await expect(publishCommands(broken, menus)).rejects.toThrow('no answer')
    await discord.close()
    await publish(menus)
    discord = await createDiscord()
  })
})
