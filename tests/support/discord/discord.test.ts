import { Client, Events, GatewayIntentBits, MessageFlags, Partials } from 'discord.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDiscord, type Discord, type DiscordPerson } from './index.ts'

describe('smoke', () => {
  let discord: Discord
  let ada: DiscordPerson
  let client: Client
  beforeEach(async () => {
    discord = await createDiscord()
    ada = discord.person({ name: 'Ada' })
    client = new Client({
      intents: [GatewayIntentBits.Guilds, GatewayIntentBits.DirectMessages, GatewayIntentBits.GuildMessages],
      partials: [Partials.Channel],
      rest: { api: discord.url },
    })
  })
  afterEach(async () => {
    await client.destroy()
    await discord.close()
  })
  it('works', async () => {
    const guild = discord.guild()
    const ready = new Promise((resolve) => client.once(Events.ClientReady, resolve))
    await client.login(discord.token)
    await ready
    await client.application?.commands.set([
      { name: 'usage', description: 'Usage', options: [{ type: 3, name: 'what', description: 'x', autocomplete: true }] },
    ])
    client.on(Events.InteractionCreate, async (i) => {
      if (i.isChatInputCommand()) {
        await i.deferReply({ flags: MessageFlags.Ephemeral })
        await i.editReply('Hello **you**')
      }
    })
    const got: string[] = []
    client.on(Events.MessageCreate, (m) => void got.push(`${m.author.username}:${m.content}`))
    expect(await ada.command('usage', { what: 'x' }, guild)).toMatchObject({ kind: 'deferred', ephemeral: true })
    await discord.until(() => ada.in(guild).last()?.text === 'Hello you')
    ada.says('hi')
    ada.says('hi', guild)
    ada.says('hi', guild, { mention: true })
    await discord.until(() => got.length === 3)
    expect(got).toHaveLength(3)
    expect(discord.violations).toEqual([])
  })
})
