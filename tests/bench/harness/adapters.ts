import { readdirSync, readFileSync } from 'node:fs'
import { discordCapabilities } from '../../../bots/discord/capabilities.ts'
import * as discordReceive from '../../../bots/discord/receive.ts'
import { render as renderDiscord } from '../../../bots/discord/render.ts'
import { feishuCapabilities } from '../../../bots/feishu/capabilities.ts'
import { receive as receiveFeishu } from '../../../bots/feishu/receive.ts'
import { render as renderFeishu } from '../../../bots/feishu/render.ts'
import { telegramCapabilities } from '../../../bots/telegram/capabilities.ts'
import { receive as receiveTelegram } from '../../../bots/telegram/receive.ts'
import { render as renderTelegram } from '../../../bots/telegram/render.ts'
import type { Capabilities } from '../../../core/chat/capabilities.ts'
import { type FittedMessage, fit as fitView } from '../../../core/chat/fit.ts'
import { localise } from '../../../core/chat/localise.ts'
import { tokensOf } from '../../../core/chat/screen.ts'
import type { Tone, View } from '../../../core/chat/view.ts'
import { fitWords } from '../../../core/chat/words.ts'
import { createLocaliser } from '../../../core/i18n/index.ts'
import { allScreens } from '../../support/screens.ts'

type Adapter = {
  readonly capabilities: Capabilities
  /** What the platform sent, as text, to what the core is given. */
  readonly receive: (text: string, file: string) => unknown
  /** What the core gives, to what the platform is sent. */
  readonly render: (drawn: { readonly tone: Tone; readonly message: FittedMessage }) => unknown
}

const NOW = Date.UTC(2026, 10, 25)
const aroundDiscord: discordReceive.Surroundings = { botUserId: '1', nameOf: () => 'Team', roleOf: () => 'member' }
const discordPlace = { picture: 'chart.png', file: 'output.txt' }
const feishuPlace = { place: { kind: 'private', openId: `ou_${'0'.repeat(32)}` }, imageKey: 'img_v3_0' } as const

const ADAPTERS: Readonly<Record<string, Adapter>> = {
  telegram: {
    capabilities: telegramCapabilities,
    receive: (text) => receiveTelegram(JSON.parse(text), { id: 7_000_000_001, username: 'ClawTestBot' }, NOW),
    render: renderTelegram,
  },
  discord: {
    capabilities: discordCapabilities,
    receive: (text, file) =>
      file.startsWith('message')
        ? discordReceive.receiveMessage(JSON.parse(text), aroundDiscord)
        : discordReceive.receiveInteraction(JSON.parse(text), aroundDiscord),
    render: (drawn) => renderDiscord(drawn, discordPlace),
  },
  feishu: {
    capabilities: feishuCapabilities,
    receive: (text) => receiveFeishu(JSON.parse(text), { openId: 'ou_bot' }, NOW),
    render: (drawn) => renderFeishu({ ...drawn, ...feishuPlace }),
  },
}

export type Timings = {
  /** Milliseconds from the platform's text to an Incoming, of every sample in every round. */
  readonly receiveMs: readonly number[]
  /** From a fitted message to the platform's text: the adapter alone. */
  readonly renderMs: readonly number[]
  /** From a View to the platform's text: words, fitting and the adapter. */
  readonly drawMs: readonly number[]
}

/** One adapter's own share, over all messages of its samples and all screens there are; no wire, no database. */
export async function timeAdapter(name: string, rounds: number): Promise<Timings> {
  const adapter = ADAPTERS[name]
  if (!adapter) throw new Error(`there is no adapter called ${name}`)
  const folder = `bots/${name}/samples`
  const samples = readdirSync(folder).map((file) => ({ file, text: readFileSync(`${folder}/${file}`, 'utf8') }))
  const screens = await allScreens()
  const localiser = createLocaliser()
  const fitted = (view: View) => {
    const local = localise(view, localiser, 'en')
    return fitView(local, adapter.capabilities, tokensOf(local, '0000000000'), fitWords(localiser, 'en'), 'private')
  }
  const renderAll = (tone: Tone, messages: readonly FittedMessage[]) =>
    messages.map((message) => JSON.stringify(adapter.render({ tone, message })))

  const timings = { receiveMs: [] as number[], renderMs: [] as number[], drawMs: [] as number[] }
  const time = (into: number[], work: () => unknown) => {
    const began = performance.now()
    work()
    into.push(performance.now() - began)
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const { file, text } of samples) time(timings.receiveMs, () => adapter.receive(text, file))
    for (const { view } of screens) {
      const messages = fitted(view)
      time(timings.renderMs, () => renderAll(view.tone, messages))
      time(timings.drawMs, () => renderAll(view.tone, fitted(view)))
    }
  }
  return timings
}
