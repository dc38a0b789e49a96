import {
  ActionRowBuilder,
  AttachmentBuilder,
  ButtonBuilder,
  ButtonStyle,
  type Client,
  ContainerBuilder,
  EmbedBuilder,
  FileBuilder,
  LabelBuilder,
  MediaGalleryBuilder,
  MediaGalleryItemBuilder,
  MessageFlags,
  ModalBuilder,
  PermissionFlagsBits,
  StringSelectMenuBuilder,
  TextDisplayBuilder,
  TextInputBuilder,
  TextInputStyle,
} from 'discord.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { answering, loggedIn } from './client.ts'
import { createDiscord, type Discord, type DiscordGuild, type DiscordPerson } from './index.ts'

const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAGg4SZAAAAABJRU5ErkJggg==',
  'base64',
)
const COMMANDS = [
  {
    name: 'help',
    description: 'What I can do',
    nameLocalizations: { 'zh-CN': '帮助' },
    descriptionLocalizations: { 'zh-CN': '我能做什么' },
  },
  {
    name: 'usage',
    description: 'What was used',
    options: [{ type: 3, name: 'assistant', description: 'Which one', autocomplete: true }],
  },
  {
    name: 'destroy',
    description: 'Ends it',
    options: [{ type: 3, name: 'assistant', description: 'Which one', required: true }],
    defaultMemberPermissions: PermissionFlagsBits.ManageGuild,
    contexts: [0],
  },
]
const row = (...buttons: ButtonBuilder[]) => new ActionRowBuilder<ButtonBuilder>().addComponents(buttons)
const button = (label: string, id: string) => new ButtonBuilder().setLabel(label).setCustomId(id).setStyle(ButtonStyle.Primary)

describe('discord.js at the fake Discord', () => {
  let discord: Discord
  let client: Client<true>
  let ada: DiscordPerson
  let bob: DiscordPerson
  let guild: DiscordGuild

  beforeEach(async () => {
    discord = await createDiscord()
    ada = discord.person({ name: 'Ada' })
    bob = discord.person({ name: 'Bob', locale: 'zh-CN' })
    guild = discord.guild({ name: 'The *team*', owner: ada })
    client = await loggedIn(discord)
    await client.application.commands.set(COMMANDS)
  })
  afterEach(async () => {
    await client.destroy()
    await discord.close()
  })
  const clean = () => expect(discord.violations).toEqual([])

  it('is ready, knows its servers, and reads plain messages as far as its intents let it', async () => {
    expect([client.user.id, client.application.id]).toEqual([discord.botUserId, discord.applicationId])
    expect(client.guilds.cache.get(guild.id)).toMatchObject({ name: 'The *team*', ownerId: ada.id })
    const read: string[] = []
    client.on('messageCreate', (message) => void read.push(message.content))
    ada.says('private')
    ada.says('not for you', guild)
    ada.says('for you', guild, { mention: true })
    await discord.until(() => read.length === 3)
    expect(read).toEqual(['private', '', `<@${discord.botUserId}> for you`])
    expect(bob.in(guild).messages()).toEqual([])
    bob.says('hello', guild)
    expect(
      bob
        .in(guild)
        .messages()
        .map(({ text }) => text),
    ).toEqual(['not for you', '@ClawCloud for you', 'hello'])
    clean()
  })

  it('registers commands that people are offered in their language, and only where they may', async () => {
    expect(discord.commands().map(({ name, description }) => [name, description])[0]).toEqual(['help', 'What I can do'])
    expect(discord.commands('zh-CN')[0]).toMatchObject({ name: '帮助', description: '我能做什么' })
    expect(discord.commands()[2]).toEqual({
      name: 'destroy',
      description: 'Ends it',
      options: [{ name: 'assistant', description: 'Which one', required: true, autocomplete: false }],
      defaultMemberPermissions: '32',
      contexts: [0],
    })
    const kept = await client.application.commands.fetch({ withLocalizations: true })
    expect(kept.find(({ name }) => name === 'help')?.nameLocalizations).toEqual({ 'zh-CN': '帮助' })
    // Who compares without asking for them would find a difference for ever.
    expect(await client.rest.get(`/applications/${discord.applicationId}/commands`)).toEqual([
      expect.not.objectContaining({ name_localizations: expect.anything() }),
      expect.anything(),
      expect.anything(),
    ])
    expect(discord.commandWrites()).toBe(1)

    await expect(ada.command('deploy')).rejects.toThrow('There is no command /deploy; there are: /help /usage /destroy')
    await expect(ada.command('destroy', {}, guild)).rejects.toThrow('/destroy can’t be sent without assistant')
    await expect(ada.command('destroy', { assistant: 'a' })).rejects.toThrow('/destroy is not offered in private chats')
    await expect(bob.command('destroy', { assistant: 'a' }, guild)).rejects.toThrow('/destroy is hidden from this member')
    bob.setRole(guild, 'admin')
    const done = answering(client, async (interaction) => {
      if (!interaction.isChatInputCommand()) throw new Error('no command')
      expect([interaction.commandName, interaction.options.getString('assistant')]).toEqual(['destroy', 'a'])
      expect(interaction.memberPermissions?.has(PermissionFlagsBits.ManageGuild)).toBe(true)
      expect([interaction.locale, interaction.guildLocale]).toEqual(['zh-CN', 'en-US'])
      await interaction.reply('ok')
    })
    expect(await bob.command('destroy', { assistant: 'a' }, guild)).toMatchObject({ kind: 'message', ephemeral: false })
    await done
    clean()
  })

  it('defers, and edits the answer in place; what is for one person only that person sees', async () => {
    const done = answering(client, async (interaction) => {
      if (!interaction.isRepliable()) throw new Error('no command')
      await interaction.deferReply({ flags: MessageFlags.Ephemeral })
      await discord.until(() => ada.in(guild).last()?.deferred)
      await interaction.editReply({ content: 'Only **you**', components: [row(button('Go', 'go'))] })
      await interaction.followUp({ content: 'For all' })
      await interaction.followUp({ content: 'And _this_', flags: MessageFlags.Ephemeral })
    })
    const reaction = await ada.command('usage', {}, guild)
    expect(reaction).toMatchObject({ kind: 'deferred', ephemeral: true })
    expect(reaction.ackMs).toBeLessThan(3000)
    await done
    bob.says('hello', guild)
    const [first, ...rest] = ada.in(guild).messages()
    expect(first).toMatchObject({ text: 'Only you', ephemeral: true, deferred: false, edited: false, fromBot: true })
    expect(first?.buttons).toEqual([{ label: 'Go', style: 1, url: null, customId: 'go' }])
    expect(rest.map(({ text }) => text)).toEqual(['For all', 'And this', 'hello'])
    expect(
      bob
        .in(guild)
        .messages()
        .map(({ text }) => text),
    ).toEqual(['For all', 'hello'])
    clean()
  })

  it('answers a press by changing the message, at once or later', async () => {
    await (await client.users.createDM(ada.id)).send({
      content: 'Sure?',
      components: [row(button('Yes', 'y'), button('No', 'n'))],
    })
    expect(ada.dm().last()).toMatchObject({ text: 'Sure?', edited: false })
    let done = answering(client, async (interaction) => {
      if (!interaction.isButton()) throw new Error('no button')
      expect([interaction.customId, interaction.message.content]).toEqual(['y', 'Sure?'])
      await interaction.update({ content: 'Really?' })
    })
    expect(await ada.presses('Yes')).toMatchObject({ kind: 'update' })
    await done
    expect(ada.dm().last()).toMatchObject({ text: 'Really?', edited: true })

    done = answering(client, async (interaction) => {
      if (!interaction.isButton()) throw new Error('no button')
      await interaction.deferUpdate()
      await interaction.editReply({ content: 'Done', components: [] })
    })
    expect(await ada.presses('Yes')).toMatchObject({ kind: 'deferred-update' })
    await done
    expect(ada.dm().messages()).toHaveLength(1)
    expect(ada.dm().last()).toMatchObject({ text: 'Done', buttons: [] })
    await expect(ada.presses('Yes')).rejects.toThrow('Ada sees no button "Yes" to press; there are: none')
    clean()
  })

  it('shows a select, a form over it, and answers what was filled in', async () => {
    const options = ['One', 'Two'].map((label) => ({ label, value: label.toLowerCase(), description: `Number ${label}` }))
    const select = new StringSelectMenuBuilder().setCustomId('s').setPlaceholder('Which?').addOptions(options)
    const components = [new ActionRowBuilder<StringSelectMenuBuilder>().addComponents(select)]
    await (await client.users.createDM(ada.id)).send({ content: 'Choose', components })
    expect(ada.dm().last()?.selects[0]).toMatchObject({
      label: 'Which?',
      options: [{ label: 'One', selected: false }, { label: 'Two' }],
    })
    let done = answering(client, async (interaction) => {
      if (!interaction.isStringSelectMenu()) throw new Error('no select')
      expect(interaction.values).toEqual(['two'])
      const key = new TextInputBuilder().setCustomId('key').setStyle(TextInputStyle.Short).setMinLength(3).setPlaceholder('sk-…')
      const note = new TextInputBuilder().setCustomId('note').setStyle(TextInputStyle.Paragraph).setRequired(false)
      const form = new ModalBuilder()
        .setCustomId('form')
        .setTitle('Your key')
        .addTextDisplayComponents(new TextDisplayBuilder().setContent('It is **sealed**.'))
        .addLabelComponents(
          new LabelBuilder().setLabel('Key').setDescription('From the console').setTextInputComponent(key),
          new LabelBuilder().setLabel('Note').setTextInputComponent(note),
        )
      await interaction.showModal(form)
    })
    expect(await ada.selects('Two')).toMatchObject({ kind: 'modal' })
    await done
    expect(ada.modal).toMatchObject({ title: 'Your key', text: 'It is sealed.' })
    expect(ada.modal?.inputs[0]).toMatchObject({ label: 'Key', description: 'From the console', kind: 'short', required: true })
    await expect(ada.submits({})).rejects.toThrow('The form can’t be sent without "Key"')
    await expect(ada.submits({ Key: 'sk' })).rejects.toThrow('"Key" takes 3 to 4000 characters')
    await expect(ada.submits({ Kye: 'sk' })).rejects.toThrow('The form has no field "Kye"; there are: Key | Note')
    done = answering(client, async (interaction) => {
      if (!interaction.isModalSubmit() || !interaction.isFromMessage()) throw new Error('no form')
      expect([interaction.fields.getTextInputValue('key'), interaction.fields.getTextInputValue('note')]).toEqual(['sk-1', ''])
      await interaction.update({ content: 'Thank you', components: [] })
    })
    expect(await ada.submits({ Key: 'sk-1' })).toMatchObject({ kind: 'update' })
    await done
    expect([ada.modal, ada.dm().last()?.text]).toEqual([null, 'Thank you'])
    await expect(ada.submits({})).rejects.toThrow('Ada has no form open')
    clean()
  })

  it('offers choices while an option is typed', async () => {
    const done = answering(client, async (interaction) => {
      if (!interaction.isAutocomplete()) throw new Error('no autocomplete')
      expect(interaction.options.getFocused(true)).toMatchObject({ name: 'assistant', value: 'cl' })
      await interaction.respond([{ name: 'Claw', nameLocalizations: { 'zh-CN': '爪' }, value: 'id-1' }])
    })
    expect(await bob.autocomplete('usage', 'assistant', 'cl')).toEqual([{ name: '爪', value: 'id-1' }])
    await done
    await expect(bob.autocomplete('help', 'assistant', 'cl')).rejects.toThrow('/help offers nothing while assistant is typed')
    clean()
  })

  it('shows files beside the words, in embeds and in components, and keeps or drops them in an edit', async () => {
    const dm = await client.users.createDM(ada.id)
    const chart = new AttachmentBuilder(PIXEL, { name: 'my chart.png', description: '$1 a day' })
    const embed = new EmbedBuilder()
      .setTitle('*Month*')
      .addFields({ name: 'Spent', value: '$1' })
      .setImage('attachment://my_chart.png')
    const sent = await dm.send({ content: 'Look', embeds: [embed], files: [chart] })
    expect(ada.dm().last()).toMatchObject({ text: 'Look\nMonth\nSpent\n$1', picture: PIXEL, file: null })
    expect(sent.attachments.first()).toMatchObject({ name: 'my_chart.png', description: '$1 a day', size: PIXEL.length })
    expect(Buffer.from(await (await fetch(sent.attachments.first()?.url ?? '')).arrayBuffer())).toEqual(PIXEL)
    await sent.edit({ content: 'Still there' })
    expect(ada.dm().last()?.picture).toEqual(PIXEL)
    await sent.edit({
      content: 'Words',
      embeds: [],
      attachments: [],
      files: [new AttachmentBuilder(Buffer.from('a log'), { name: 'log.txt' })],
    })
    expect(ada.dm().last()).toMatchObject({ text: 'Words', picture: null, file: { name: 'log.txt', content: 'a log' } })

    const gallery = new MediaGalleryBuilder().addItems(new MediaGalleryItemBuilder().setURL('attachment://chart.png'))
    const container = new ContainerBuilder()
      .setAccentColor(0x00ff00)
      .addTextDisplayComponents(new TextDisplayBuilder().setContent('# Usage\nof *this* month'))
      .addMediaGalleryComponents(gallery)
      .addFileComponents(new FileBuilder().setURL('attachment://log.txt'))
      .addActionRowComponents(row(button('Top up', 't')))
    const files = [
      new AttachmentBuilder(PIXEL, { name: 'chart.png' }),
      new AttachmentBuilder(Buffer.from('a log'), { name: 'log.txt' }),
    ]
    const v2 = await dm.send({ flags: MessageFlags.IsComponentsV2, components: [container], files })
    expect(ada.dm().last()).toMatchObject({
      text: 'Usage\nof this month',
      picture: PIXEL,
      file: { name: 'log.txt', content: 'a log' },
      componentsV2: true,
      buttons: [{ label: 'Top up' }],
    })
    await v2.edit({ components: [new TextDisplayBuilder().setContent('Over')], attachments: [] })
    expect(ada.dm().last()).toMatchObject({ text: 'Over', picture: null, buttons: [], edited: true })
    clean()
  })

  it('says whom a message notifies', async () => {
    const dm = await client.users.createDM(ada.id)
    const content = `@everyone <@${ada.id}> <@${bob.id}>`
    await dm.send({ content, allowedMentions: { users: [ada.id] } })
    expect(ada.dm().last()).toMatchObject({ text: '@everyone @Ada @Bob', pings: [ada.id] })
    await dm.send(content)
    expect(ada.dm().last()?.pings).toEqual(['everyone', ada.id, bob.id])
    clean()
  })

  it('waits as long as it is told to, and repeats what a bad moment swallowed', async () => {
    const dm = await client.users.createDM(ada.id)
    discord.rateLimitNext('send', 0.4)
    const since = performance.now()
    await dm.send('after the wait')
    expect(performance.now() - since).toBeGreaterThan(390)
    discord.rateLimitNext('edit', 0.3, { global: true })
    await (await dm.send('one')).edit('two')
    discord.failNext('send', '500', 2)
    await dm.send('after two failures')
    discord.failNext('send', '400')
    await expect(dm.send('refused')).rejects.toMatchObject({ code: 50035 })
    discord.failNext('upload', 'drop')
    await expect(dm.send({ files: [new AttachmentBuilder(PIXEL, { name: 'a.png' })] })).rejects.toThrow()
    expect(
      ada
        .dm()
        .messages()
        .map(({ text }) => text),
    ).toEqual(['after the wait', 'two', 'after two failures'])
    clean()
  })

  it('writes a message once however often it is sent with its nonce', async () => {
    const dm = await client.users.createDM(ada.id)
    discord.failNext('send', 'cut')
    const message = { content: 'once', nonce: 'n-1', enforceNonce: true }
    await expect(dm.send(message)).rejects.toThrow()
    const again = await dm.send(message)
    expect(
      ada
        .dm()
        .messages()
        .map(({ id, text }) => [id, text]),
    ).toEqual([[again.id, 'once']])
    await dm.send({ content: 'twice', nonce: 'n-2', enforceNonce: true })
    expect(ada.dm().messages()).toHaveLength(2)
    clean()
  })

  it('hears what happens to messages, channels and servers', async () => {
    const heard: string[] = []
    client.on('messageDelete', ({ id }) => void heard.push(`message ${id}`))
    client.on('threadCreate', ({ id, parentId }) => void heard.push(`thread ${id} of ${parentId}`))
    client.on('channelDelete', ({ id }) => void heard.push(`channel ${id}`))
    client.on('guildDelete', ({ id }) => void heard.push(`server ${id}`))
    client.on('guildCreate', ({ name }) => void heard.push(`joined ${name}`))
    const id = ada.says('oops')
    ada.deletes(id)
    const thread = guild.thread()
    const channel = await client.channels.fetch(thread.channelId)
    if (!channel?.isSendable()) throw new Error('no thread')
    await channel.send('in the thread')
    expect(ada.in(thread).last()?.text).toBe('in the thread')
    expect(ada.in(guild).last()).toBeNull()
    const other = discord.guild({ name: 'Other' })
    guild.deletesChannel()
    other.removesBot()
    const expected = [
      `message ${id}`,
      `thread ${thread.channelId} of ${guild.channelId}`,
      'joined Other',
      `channel ${guild.channelId}`,
      `server ${other.id}`,
    ]
    await discord.until(() => heard.length === expected.length, 'all events')
    expect(heard).toEqual(expected)
    await expect(client.rest.post(`/channels/${guild.channelId}/messages`, { body: { content: 'x' } })).rejects.toMatchObject({
      code: 10003,
    })
    await expect(client.rest.post(`/channels/${other.channelId}/messages`, { body: { content: 'x' } })).rejects.toMatchObject({
      code: 50001,
    })
    await expect(ada.command('help', {}, other)).rejects.toThrow('The bot is not in Other')
    ada.blocksDms()
    await expect((await client.users.createDM(ada.id)).send('x')).rejects.toMatchObject({ code: 50007 })
    clean()
  })
})
