import type { Endpoint } from './endpoint.ts'
import { Fault, invalidForm } from './fault.ts'
import type { Gateway } from './gateway.ts'
import type { Interaction, Interactions, Opening, Reaction } from './interactions.ts'
import { FILE_MAX_BYTES } from './messages.ts'
import type { Natives } from './natives.ts'
import { readBody } from './request.ts'
import type { DiscordSchema } from './schema.ts'
import type { World } from './world.ts'

const OPERATION = 'POST /interactions/{interaction_id}/{interaction_token}/callback'

type Parts = {
  readonly world: World
  readonly natives: Natives
  readonly interactions: Interactions
  readonly gateway: Gateway
  readonly endpoint: Endpoint
  readonly schema: DiscordSchema | null
  readonly violate: (what: string) => void
}

/** Brings what people do to the bot: over the gateway, or as signed POSTs to its address. */
export function createDelivery({ world, natives, interactions, gateway, endpoint, schema, violate }: Parts) {
  let url: string | null = null

  function payload(it: Interaction, data: unknown): Record<string, unknown> {
    const { channel, user } = it
    const guild = channel.guild
    const member = guild?.members.get(user.id)
    const where =
      guild && member
        ? {
            guild_id: guild.id,
            guild: { id: guild.id, locale: guild.locale, features: [] },
            guild_locale: guild.locale,
            member: natives.interactionMember(guild, member),
          }
        : { user: natives.user(user) }
    return {
      id: it.id,
      application_id: world.applicationId,
      type: it.type,
      token: it.token,
      version: 1,
      data,
      channel_id: channel.id,
      channel: natives.channel(channel),
      ...where,
      ...(it.message && { message: natives.message(it.message) }),
      app_permissions: world.botPermissions(channel).toString(),
      locale: user.locale,
      entitlements: [],
      authorizing_integration_owners: natives.owners(guild?.id ?? null),
      context: guild ? 0 : 1,
      attachment_size_limit: FILE_MAX_BYTES,
    }
  }

  async function post(address: string, it: Interaction, body: unknown): Promise<void> {
    it.deliveredAt = performance.now()
    const answer = await endpoint.post(address, body).catch(() => null)
    // Nobody there, or too slow: the person sees that it failed.
    if (!answer) return
    // The first response follows over its own route.
    if (answer.status === 202 && answer.bytes.length === 0) return
    if (answer.status !== 200) return violate(`${it.deed} was answered with HTTP ${answer.status} ${answer.bytes}`)
    try {
      const { json, files } = await readBody(answer.bytes, answer.contentType)
      const errors = schema?.request(OPERATION, json) ?? []
      if (errors.length > 0) throw invalidForm(errors)
      for (const field of schema?.unknownFields(OPERATION, json) ?? [])
        violate(`the answer to ${it.deed}: Discord knows no field ${field}`)
      interactions.answer(it, json, files)
    } catch (error) {
      if (!(error instanceof Fault)) return violate(`the fake failed to read the answer to ${it.deed}: ${error}`)
      if (error.more.blame !== undefined)
        violate(`the answer to ${it.deed}: ${error.message} (${error.code}): ${error.more.blame}`)
      it.excused = true
    }
  }

  return {
    url: () => url,
    to(address: string | null): void {
      url = address
    },

    /** What somebody did, and what the bot makes of it. */
    async deliver(opening: Opening, data: unknown): Promise<{ readonly interaction: Interaction; readonly reaction: Reaction }> {
      const address = url
      if (address !== null) await endpoint.prove(address).catch(() => {})
      const { interaction, reaction } = interactions.open(opening)
      const body = payload(interaction, data)
      if (address !== null) void post(address, interaction, body)
      else {
        const onDelivery = () => {
          interaction.deliveredAt ??= performance.now()
        }
        gateway.dispatch({ name: 'INTERACTION_CREATE', guildId: opening.channel.guild?.id ?? null, data: body, onDelivery })
      }
      return { interaction, reaction: await reaction }
    },
  }
}
export type Delivery = ReturnType<typeof createDelivery>
