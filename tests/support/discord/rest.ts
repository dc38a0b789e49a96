import { z } from 'zod'
import type { Commands } from './commands.ts'
import {
  Fault,
  missingAccess,
  missingPermissions,
  notYourMessage,
  unknownChannel,
  unknownGuild,
  unknownMember,
  unknownMessage,
  unknownUser,
  wrongChannelType,
} from './fault.ts'
import type { Gateway } from './gateway.ts'
import { type Interactions, InteractionType } from './interactions.ts'
import { MessageBody, type Messages, type Uploads } from './messages.ts'
import type { Natives } from './natives.ts'
import type { Guild, Message, World } from './world.ts'

export type Call = {
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly json: unknown
  readonly files: Uploads
}
/** An answer; without a body it is 204, and has no content type, as discord.js demands. */
type Answer = unknown
type Route = (call: Call) => Answer
export const NO_CONTENT = Symbol('204')

type Parts = {
  readonly world: World
  readonly natives: Natives
  readonly messages: Messages
  readonly interactions: Interactions
  readonly commands: Commands
  readonly gateway: Gateway
  readonly publicKeyHex: string
  readonly leave: (guild: Guild) => void
}

/** The routes we know, by the name they have in Discord's description. */
export function createRoutes(parts: Parts): Readonly<Record<string, Route>> {
  const { world, natives, messages, interactions, commands, gateway } = parts
  const body = ({ json }: Call) => MessageBody.parse(json ?? {})
  const param = (call: Call, name: string) => call.params[name] ?? ''

  function guildFor(call: Call): Guild {
    const guild = world.guilds.get(param(call, 'guild_id'))
    if (!guild) throw unknownGuild()
    if (!guild.botIn) throw missingAccess()
    return guild
  }

  function found(call: Call): Message {
    const channel = world.channelFor(param(call, 'channel_id'))
    const message = world.message(param(call, 'message_id'))
    if (!message || message.channel !== channel) throw unknownMessage()
    if (message.onlyFor)
      throw unknownMessage('a message only one person sees is reached with its interaction’s token, not by its channel')
    return message
  }

  const webhookOf = (call: Call) => interactions.webhook(param(call, 'webhook_id'), param(call, 'webhook_token'))
  const webhookMessage = (call: Call) => {
    const interaction = webhookOf(call)
    return interactions.messageOf(interaction, call.params.message_id ?? '@original')
  }
  const showWebhookMessage: Route = (call) => natives.message(webhookMessage(call))
  const editWebhookMessage: Route = (call) => natives.message(messages.edit(webhookMessage(call), body(call), call.files))
  const deleteWebhookMessage: Route = (call) => {
    messages.delete(webhookMessage(call))
    return NO_CONTENT
  }

  return {
    'GET /gateway/bot': () => gateway.info(),
    'GET /users/@me': () => ({ ...natives.user(world.bot), mfa_enabled: false, locale: 'en-US', verified: true }),
    'GET /users/{user_id}': (call) => {
      const user = world.users.get(param(call, 'user_id'))
      if (!user) throw unknownUser()
      return natives.user(user)
    },
    'POST /users/@me/channels': ({ json }) => {
      const { recipient_id: id } = z.object({ recipient_id: z.string() }).parse(json)
      const user = world.users.get(id)
      if (!user || user.bot) throw new Fault(400, 50033, 'Invalid Recipient(s)', { blame: `nobody has the id ${id}` })
      return natives.channel(world.dm(user))
    },
    'DELETE /users/@me/guilds/{guild_id}': (call) => {
      parts.leave(guildFor(call))
      return NO_CONTENT
    },
    'GET /applications/@me': () => ({
      id: world.applicationId,
      name: world.bot.name,
      icon: null,
      description: '',
      type: null,
      verify_key: parts.publicKeyHex,
      flags: 0,
      flags_new: '0',
      redirect_uris: [],
      interactions_endpoint_url: null,
      role_connections_verification_url: null,
      owner: natives.user(world.bot),
      approximate_guild_count: world.guilds.size,
      approximate_user_install_count: 0,
      approximate_user_authorization_count: 0,
      explicit_content_filter: 0,
      team: null,
      eligible_oauth2_scopes: [],
    }),
    'GET /applications/{application_id}/commands': (call) => {
      ownApplication(call)
      return commands.list(call.query.get('with_localizations') === 'true')
    },
    'PUT /applications/{application_id}/commands': (call) => {
      ownApplication(call)
      return commands.put(call.json)
    },

    'POST /interactions/{interaction_id}/{interaction_token}/callback': (call) => {
      const it = interactions.find(param(call, 'interaction_id'), param(call, 'interaction_token'))
      const message = interactions.answer(it, call.json, call.files)
      if (call.query.get('with_response') !== 'true') return NO_CONTENT
      const kind = it.reaction?.kind ?? 'none'
      const resource = { message: 4, deferred: 5, update: 7, 'deferred-update': 6, modal: 9, autocomplete: 8, none: 0 }[kind]
      return {
        interaction: {
          id: it.id,
          type: it.type,
          channel_id: it.channel.id,
          ...(it.channel.guild && { guild_id: it.channel.guild.id }),
          ...(message && {
            response_message_id: message.id,
            response_message_loading: kind === 'deferred',
            response_message_ephemeral: message.onlyFor !== null,
          }),
        },
        // Only what made or changed a message shows it.
        ...(message &&
          (kind === 'message' || kind === 'update') && { resource: { type: resource, message: natives.message(message) } }),
      }
    },

    'GET /channels/{channel_id}': (call) => natives.channel(world.channelFor(param(call, 'channel_id'))),
    'POST /channels/{channel_id}/messages': (call) => {
      const channel = world.channelFor(param(call, 'channel_id'))
      return natives.message(messages.post({ channel, body: body(call), files: call.files }))
    },
    'GET /channels/{channel_id}/messages/{message_id}': (call) => natives.message(found(call)),
    'PATCH /channels/{channel_id}/messages/{message_id}': (call) => {
      const message = found(call)
      if (message.author !== world.bot) throw notYourMessage()
      return natives.message(messages.edit(message, body(call), call.files))
    },
    'DELETE /channels/{channel_id}/messages/{message_id}': (call) => {
      const message = found(call)
      if (message.author !== world.bot) {
        if (!message.channel.guild) throw wrongChannelType()
        if (!world.mayDelete(message.channel)) throw missingPermissions()
      }
      messages.delete(message)
      return NO_CONTENT
    },
    'POST /channels/{channel_id}/typing': (call) => {
      world.channelFor(param(call, 'channel_id'))
      return NO_CONTENT
    },

    'POST /webhooks/{webhook_id}/{webhook_token}': (call) => {
      const it = webhookOf(call)
      if (it.type === InteractionType.autocomplete) throw unknownChannel()
      return natives.message(interactions.followUp(it, body(call), call.files))
    },
    'GET /webhooks/{webhook_id}/{webhook_token}/messages/@original': showWebhookMessage,
    'PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original': editWebhookMessage,
    'DELETE /webhooks/{webhook_id}/{webhook_token}/messages/@original': deleteWebhookMessage,
    'GET /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}': showWebhookMessage,
    'PATCH /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}': editWebhookMessage,
    'DELETE /webhooks/{webhook_id}/{webhook_token}/messages/{message_id}': deleteWebhookMessage,

    'GET /guilds/{guild_id}': (call) => natives.guild(guildFor(call)),
    'GET /guilds/{guild_id}/members/{user_id}': (call) => {
      const guild = guildFor(call)
      const id = param(call, 'user_id')
      const member = guild.members.get(id)
      if (id === world.bot.id) return natives.botMember(guild)
      if (!member) throw unknownMember()
      return natives.member(guild, member)
    },
  }

  function ownApplication(call: Call): void {
    if (param(call, 'application_id') !== world.applicationId) {
      throw new Fault(403, 20012, 'You are not authorized to perform this action on this application', {
        blame: `${param(call, 'application_id')} is not the application`,
      })
    }
  }
}
