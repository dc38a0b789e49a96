import type { ChannelSetup } from '../gateway/index.ts'
import { ok, type Result } from '../problem.ts'
import type { Services } from '../services.ts'
import { type Channel, type ChannelSettings, tokenOf } from './channel.ts'
import { gatewayOfChannel } from './gateway-of.ts'

/** What the platform says a token is, with what is learned of the channel beside it. */
export type Checked = {
  readonly name: string
  readonly externalId: string
  readonly learned: Pick<ChannelSettings, 'applicationId'>
}

/** Asks the platform about a channel's token; what is missing comes as a Problem with its own way out. */
export async function checkToken(services: Services, channel: Channel): Promise<Result<Checked>> {
  const { kind, settings } = channel
  const token = tokenOf(services, channel)
  switch (kind) {
    case 'telegram': {
      const bot = await services.channels.telegram.check(token, await isNobodys(services, channel))
      return bot.ok ? ok({ name: bot.value.username, externalId: bot.value.id, learned: {} }) : bot
    }
    case 'discord': {
      const app = await services.channels.discord.check(token)
      if (!app.ok) return app
      const { botId, applicationId, name } = app.value
      return ok({ name, externalId: botId, learned: { applicationId } })
    }
    case 'feishu': {
      const { appId = '', domain = 'feishu' } = settings
      const bot = await services.channels.feishu.check({ appId, appSecret: token, domain })
      return bot.ok ? ok({ name: bot.value.name, externalId: appId, learned: {} }) : bot
    }
  }
}

/** A token that a person brought, and that the assistant does not use yet: then nobody should. */
async function isNobodys(services: Services, channel: Channel): Promise<boolean> {
  if (channel.managed) return false
  const gateway = await gatewayOfChannel(services, channel)
  const status = await gateway.channels.status(channel.kind)
  return status.ok && status.value.state === 'missing'
}

/** A channel as its assistant's OpenClaw is to have it. */
export function setupOf(services: Services, channel: Channel): ChannelSetup {
  const { kind, settings, allowed } = channel
  const base = { kind, secret: tokenOf(services, channel), allowed, open: settings.open ?? false }
  switch (kind) {
    case 'telegram':
      return { ...base, apiRoot: services.channels.telegram.apiRoot }
    case 'discord':
      return base
    case 'feishu':
      return {
        ...base,
        appId: settings.appId ?? '',
        apiRoot: services.channels.feishu.apiRoot ?? settings.domain ?? 'feishu',
      }
  }
}
