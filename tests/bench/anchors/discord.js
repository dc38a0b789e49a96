// A bare discord.js bot: answers a slash command, and edits the message whose button was pressed.
import { ActionRowBuilder, ButtonBuilder, ButtonStyle, Client, GatewayIntentBits } from 'discord.js'

const client = new Client({ intents: [GatewayIntentBits.Guilds], rest: { api: process.env.DISCORD_API_ROOT } })
const button = new ButtonBuilder().setCustomId('again').setLabel('Again').setStyle(ButtonStyle.Primary)
const components = [new ActionRowBuilder().addComponents(button)]
let presses = 0

client.on('interactionCreate', (interaction) =>
  interaction.isButton()
    ? interaction.update({ content: `Pressed ${++presses}`, components })
    : interaction.reply({ content: 'All is well.', components }),
)
await client.login(process.env.DISCORD_BOT_TOKEN)
