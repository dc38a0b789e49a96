import { createDiscordVendor, type DiscordVendor } from './discord.ts'
import { createFeishuVendor, type FeishuVendor } from './feishu.ts'
import { createTelegramVendor, type TelegramVendor } from './telegram.ts'

/** The platforms as the owner of a token sees them: what a token is worth, and who it belongs to. */
export type ChannelVendors = { readonly telegram: TelegramVendor; readonly discord: DiscordVendor; readonly feishu: FeishuVendor }

export type ChannelVendorOptions = {
  /** `botToken` is our own control bot's, which may make bots for others; null where there is none. */
  readonly telegram: { readonly apiRoot: string; readonly botToken: string | null }
  readonly discord: { readonly apiRoot: string; readonly applicationId: string | null }
  readonly feishu: { readonly domain: string; readonly appId: string | null }
  /** Told of every attempt's HTTP status. */
  readonly observe?: (vendor: 'telegram' | 'discord' | 'feishu', status: number | 'no-answer') => void
}

export function createChannelVendors({ telegram, discord, feishu, observe }: ChannelVendorOptions): ChannelVendors {
  return {
    telegram: createTelegramVendor({ ...telegram, ...(observe && { observe: (status) => observe('telegram', status) }) }),
    discord: createDiscordVendor({ ...discord, ...(observe && { observe: (status) => observe('discord', status) }) }),
    feishu: createFeishuVendor({ ...feishu, ...(observe && { observe: (status) => observe('feishu', status) }) }),
  }
}
