import { Client, type ClientOptions, Events, GatewayIntentBits, type Interaction, Partials } from 'discord.js'
import type { Discord } from './index.ts'

/** A discord.js client as a bot has it, without the privileged intents, logged in at the fake. */
export async function loggedIn(discord: Discord, options: Partial<ClientOptions> = {}): Promise<Client<true>> {
  const client = new Client({
    intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages, GatewayIntentBits.DirectMessages],
    partials: [Partials.Channel],
    ...options,
    rest: { api: discord.url, ...options.rest },
  })
  const ready = new Promise<Client<true>>((resolve) => client.once(Events.ClientReady, resolve))
  await client.login(discord.token)
  return await ready
}

/** Answers the next interaction; throws in the test what went wrong in there. */
export function answering(client: Client, answer: (interaction: Interaction) => Promise<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    client.once(Events.InteractionCreate, (interaction) => answer(interaction).then(resolve, reject))
  })
}
