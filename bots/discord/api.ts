import type { RawFile } from '@discordjs/rest'
import {
  type APIContainerComponent,
  type APIInteractionResponse,
  type APIInteractionResponseCallbackData,
  InteractionResponseType,
  MessageFlags,
  type RESTPutAPIApplicationCommandsJSONBody,
} from 'discord-api-types/v10'
import { z } from 'zod'
import { isUnauthorized } from './faults.ts'

/** A call that takes longer will not come back. Long enough to upload a picture over a bad line. */
const CALL_MS = 15_000
/** A wait that the library sits out by itself; a longer one the core has to know of, to let other chats pass. */
const HIDDEN_WAIT_MS = 1000

export type Upload = { readonly name: string; readonly mime: string; readonly data: Buffer }

/** A message in Discord's own terms, whichever way it goes. */
export type Draft = { readonly container: APIContainerComponent; readonly files: readonly Upload[] }

/** What answers an interaction first; a message's id is told where there is one. */
export type FirstResponse =
  | { readonly kind: 'message'; readonly draft: Draft; readonly ephemeral: boolean }
  | { readonly kind: 'update'; readonly draft: Draft }
  | { readonly kind: 'deferred'; readonly ephemeral: boolean }
  | { readonly kind: 'deferred-update' }

const WithId = z.object({ id: z.string() })
const Original = z.object({ id: z.string(), flags: z.number().default(0) })
const Answered = z.object({ resource: z.object({ message: WithId.optional() }).optional() })

export type Api = Awaited<ReturnType<typeof createApi>>

/**
 * The calls we make, over discord.js's own REST client: it knows the limits of each route and keeps to them. Only that part and the
 * gateway's are used: the whole library holds a copy of every server in memory, and takes three times as long to load.
 */
export async function createApi(options: { readonly token: string; readonly apiRoot: string; readonly applicationId: string }) {
  const { token, apiRoot, applicationId } = options
  const { REST } = await import('@discordjs/rest')
  const rest = new REST({
    version: '10',
    api: apiRoot,
    timeout: CALL_MS,
    offset: 0,
    // The outbox tries again, and knows what else waits for this chat.
    retries: 0,
    rejectOnRateLimit: ({ retryAfter, timeToReset, sublimitTimeout }) =>
      Math.max(retryAfter, timeToReset, sublimitTimeout) > HIDDEN_WAIT_MS,
  }).setToken(token)

  /** The client forgets a token that was refused; the owner may make it good again. */
  async function keepingToken<T>(call: Promise<T>): Promise<T> {
    try {
      return await call
    } catch (error) {
      if (isUnauthorized(error)) rest.setToken(token)
      throw error
    }
  }

  const webhook = (interactionToken: string) => `/webhooks/${applicationId}/${interactionToken}` as const
  const filesOf = ({ files }: Draft): { files?: RawFile[] } =>
    files.length === 0 ? {} : { files: files.map(({ name, mime, data }) => ({ name, contentType: mime, data })) }

  return {
    rest,

    async send(channelId: string, draft: Draft, nonce?: string): Promise<string> {
      // The same message once more, after an outage that swallowed the answer, is not shown twice.
      const once = nonce === undefined ? {} : { nonce, enforce_nonce: true }
      const body = { ...newMessage(draft), ...once }
      return WithId.parse(await keepingToken(rest.post(`/channels/${channelId}/messages`, { body, ...filesOf(draft) }))).id
    },

    async edit(channelId: string, messageId: string, draft: Draft): Promise<void> {
      const route = `/channels/${channelId}/messages/${messageId}` as const
      await keepingToken(rest.patch(route, { body: changedMessage(draft), ...filesOf(draft) }))
    },

    /** The first answer to an interaction. Resolves with the id of the message it made, if it made one. */
    async respond(
      id: string,
      interactionToken: string,
      response: FirstResponse | APIInteractionResponse,
    ): Promise<string | null> {
      const body = 'kind' in response ? firstResponse(response) : response
      const draft = 'draft' in response ? filesOf(response.draft) : {}
      const query = new URLSearchParams({ with_response: 'true' })
      const answered = await rest.post(`/interactions/${id}/${interactionToken}/callback`, { body, ...draft, query, auth: false })
      return Answered.safeParse(answered).data?.resource?.message?.id ?? null
    },

    async followUp(interactionToken: string, draft: Draft, ephemeral: boolean): Promise<string> {
      const query = new URLSearchParams({ wait: 'true' })
      const options = { body: newMessage(draft, ephemeral), ...filesOf(draft), query, auth: false }
      return WithId.parse(await rest.post(webhook(interactionToken), options)).id
    },

    /** Changes a message that an interaction gave us: what it hangs on, or an answer to it. */
    async editAnswer(interactionToken: string, messageId: string, draft: Draft): Promise<string> {
      const route = `${webhook(interactionToken)}/messages/${messageId}` as const
      return WithId.parse(await rest.patch(route, { body: changedMessage(draft), ...filesOf(draft), auth: false })).id
    },

    /** The first answer to an interaction as it stands now. */
    original: async (interactionToken: string): Promise<{ id: string; flags: number }> =>
      Original.parse(await rest.get(`${webhook(interactionToken)}/messages/@original`, { auth: false })),

    async deleteOriginal(interactionToken: string): Promise<void> {
      await rest.delete(`${webhook(interactionToken)}/messages/@original`, { auth: false })
    },

    /** The private chat with a person: there is one for ever, and asking for it twice is asking for the same. */
    openPrivateChat: async (userId: string): Promise<string> =>
      WithId.parse(await keepingToken(rest.post('/users/@me/channels', { body: { recipient_id: userId } }))).id,

    guild: (guildId: string): Promise<unknown> => keepingToken(rest.get(`/guilds/${guildId}`)),

    commands: (): Promise<unknown> =>
      keepingToken(
        rest.get(`/applications/${applicationId}/commands`, { query: new URLSearchParams({ with_localizations: 'true' }) }),
      ),
    putCommands: (body: RESTPutAPIApplicationCommandsJSONBody): Promise<unknown> =>
      keepingToken(rest.put(`/applications/${applicationId}/commands`, { body })),

    /** What Discord knows of our application. */
    application: (): Promise<unknown> => keepingToken(rest.get('/applications/@me')),
  }
}

/** A first answer as its JSON, for either way it travels; files go beside it. */
export function firstResponse(response: FirstResponse): APIInteractionResponse {
  switch (response.kind) {
    case 'message':
      return {
        type: InteractionResponseType.ChannelMessageWithSource,
        data: newMessage(response.draft, response.ephemeral),
      }
    case 'update':
      return { type: InteractionResponseType.UpdateMessage, data: changedMessage(response.draft) }
    case 'deferred':
      return {
        type: InteractionResponseType.DeferredChannelMessageWithSource,
        data: response.ephemeral ? { flags: MessageFlags.Ephemeral } : {},
      }
    case 'deferred-update':
      return { type: InteractionResponseType.DeferredMessageUpdate }
  }
}

/** Nobody is ever notified by what we say of them. */
const NO_PINGS = { parse: [] }

function newMessage(draft: Draft, ephemeral = false): APIInteractionResponseCallbackData {
  return {
    components: [draft.container],
    flags: MessageFlags.IsComponentsV2 | (ephemeral ? MessageFlags.Ephemeral : 0),
    allowed_mentions: NO_PINGS,
    ...(draft.files.length > 0 && { attachments: attachmentsOf(draft) }),
  }
}

/** The attachments are always named, if need be none: those of before would stay otherwise. */
const changedMessage = (draft: Draft): APIInteractionResponseCallbackData => ({
  components: [draft.container],
  flags: MessageFlags.IsComponentsV2,
  allowed_mentions: NO_PINGS,
  attachments: attachmentsOf(draft),
})

const attachmentsOf = ({ files }: Draft) => files.map(({ name }, index) => ({ id: `${index}`, filename: name }))
