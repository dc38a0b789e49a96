import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createDiscord, type Discord } from '../support/discord/index.ts'
import { dataDirectory, freePort, type RunningService, startService } from '../support/service.ts'
import { discordWalker } from './discord-walker.ts'
import { deployAssistant, destroyAssistant, OWN_KEYS, orderUpToPayment, useAssistant, useOwnKey } from './walk.ts'

let data: Awaited<ReturnType<typeof dataDirectory>>
let discord: Discord
let service: RunningService

async function start(more: Readonly<Record<string, string>> = {}): Promise<void> {
  service = await startService({
    DATA_DIR: data.path,
    PORT: String(await freePort()),
    DISCORD_BOT_TOKEN: discord.token,
    DISCORD_APPLICATION_ID: discord.applicationId,
    DISCORD_API_ROOT: discord.url,
    LOG_LEVEL: 'info',
    ...more,
  })
}

/** What went wrong in the chat, with what the service said meanwhile. */
async function telling(walk: () => Promise<void>): Promise<void> {
  try {
    await walk()
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : error}\n\nthe service printed:\n${service.output().slice(-6000)}`)
  }
}

beforeAll(async () => {
  data = await dataDirectory()
}, 180_000)
afterEach(async () => {
  await service?.kill('SIGINT')
  await discord?.close()
}, 60_000)
afterAll(() => data?.remove(), 60_000)

describe('the admins of a Discord server', () => {
  it('order, pay, talk to a real OpenClaw of their own, switch its model and delete it, all in a channel', {
    timeout: 660_000,
  }, async () => {
    discord = await createDiscord()
    await start()
    const ada = discord.person({ name: 'Ada' })
    const bob = discord.person({ name: 'Bob' })
    const guild = discord.guild({ owner: ada })
    await telling(async () => {
      const walker = discordWalker(discord, ada, guild)
      await deployAssistant(walker, 'Scout')
      await useAssistant(walker, 'Scout')

      // Somebody who is no admin looks, and can do no more: not by a command, nor by an admin's button.
      const other = discordWalker(discord, bob, guild)
      await other.say('/status')
      await other.until(/Scout[\s\S]*State/)
      await expect(bob.command('restart', {}, guild)).rejects.toThrow('hidden from this member')
      bob.says('/restart', guild, { mention: true })
      await other.until(/Only the owner and the admins/)
      // Logs are for whoever asked for them.
      expect(
        bob
          .in(guild)
          .messages()
          .some(({ file }) => file),
      ).toBe(false)

      await destroyAssistant(walker, 'Scout')
      // A key goes into a form, which nobody else of the server sees.
      await useOwnKey(walker, 'Luna', OWN_KEYS.openai)
    })
    expect(discord.violations).toEqual([])
    expect(service.output()).not.toContain(discord.token)
  })
})

describe('somebody in a private chat with the bot, over signed HTTP', () => {
  it('orders up to the payment with commands, lists and forms alone, and stops it', { timeout: 120_000 }, async () => {
    discord = await createDiscord()
    const port = await freePort()
    await start({ PORT: String(port), PUBLIC_URL: `http://127.0.0.1:${port}`, DISCORD_PUBLIC_KEY: discord.publicKeyHex })
    discord.interactionsTo(`http://127.0.0.1:${port}/discord`)
    const ada = discord.person({ name: 'Ada', locale: 'en-US' })
    await telling(async () => {
      const walker = discordWalker(discord, ada)
      expect(await orderUpToPayment(walker, 'Luna')).toContain('http')
      await walker.say('/cancel')
      await walker.until(/nothing will be charged for Luna/)
      const carl = discordWalker(discord, discord.person({ name: '小明', locale: 'zh-CN' }))
      await carl.say('/help')
      await carl.until(/我能做什么/)
    })
    expect(discord.identifies()).toBe(0)
    expect(discord.violations).toEqual([])
  })
})
