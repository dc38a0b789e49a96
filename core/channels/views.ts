import { button, buttons, fields, linkButton, literal, note, paragraph, press, t, title, view } from '../chat/build.ts'
import type { Block, Button, Text, Tone, View } from '../chat/view.ts'
import { CHANNEL_KINDS, type ChannelKind } from '../gateway/index.ts'
import type { OperationProgress } from '../operations/index.ts'
import type { Problem } from '../problem.ts'
import type { Channel } from './channel.ts'
import { discordBotSettings, discordInvite } from './discord.ts'
import { shownName } from './shown-name.ts'
import { newBotLink } from './telegram.ts'

type Named = { readonly id: string; readonly name: string }

const platformText = (kind: ChannelKind): Text => t(`channel-kind-${kind}`)
const TONES: Readonly<Record<OperationProgress['state'], Tone>> = {
  pending: 'info',
  running: 'info',
  undoing: 'warning',
  succeeded: 'success',
  failed: 'danger',
}
const STATE_MARK: Readonly<Record<Channel['state'], string>> = {
  waiting: '…',
  connecting: '…',
  connected: '✓',
  conflict: '!',
  refused: '!',
  unreachable: '!',
}

const connectPress = (instanceId: string, kind: ChannelKind) => press('connect.add', { instanceId, kind })
const act = (action: string, channel: Pick<Channel, 'id'>, args: Record<string, string | boolean> = {}) =>
  press(`connect.${action}`, { channelId: channel.id, ...args })
const overviewButton = (instanceId: string): Button => button(t('connect-back'), press('connect.show', { instanceId }), 'quiet')

/** What an assistant is connected to, and what it could be. */
export function channelsView(instance: Named, channels: readonly Channel[], mayChange: boolean): View {
  const missing = CHANNEL_KINDS.filter((kind) => !channels.some((channel) => channel.kind === kind))
  return view(`channels:${instance.id}`, [
    title(t('connect-title', { name: instance.name })),
    channels.length > 0
      ? fields(
          ...channels.map(
            (channel) =>
              [
                platformText(channel.kind),
                t('connect-line', {
                  mark: STATE_MARK[channel.state],
                  name: channel.state === 'waiting' ? channel.externalId : shownName(channel),
                  state: { text: t(`channel-state-${channel.state}`) },
                }),
              ] as const,
          ),
        )
      : paragraph(t('connect-none')),
    mayChange &&
      channels.length > 0 && {
        kind: 'choice',
        name: 'channel',
        label: t('connect-choose-channel'),
        options: channels.map((channel) => ({
          label: platformText(channel.kind),
          note: literal(channel.state === 'waiting' ? channel.externalId : shownName(channel)),
          press: act('channel', channel),
        })),
      },
    mayChange && missing.length > 0 && paragraph(t('connect-add')),
    mayChange &&
      missing.length > 0 &&
      buttons(
        ...missing.map((kind) =>
          button(t('connect-button', { platform: { text: platformText(kind) } }), connectPress(instance.id, kind), 'primary'),
        ),
      ),
  ])
}

/** One channel and what can be done with it. */
export function channelView(instance: Named, channel: Channel): View {
  const { kind, settings, state } = channel
  const many = channel.allowed.length
  return view(
    `channels:${instance.id}`,
    [
      title(t('channel-title', { platform: { text: platformText(kind) }, name: instance.name })),
      fields(
        [t('channel-bot'), literal(shownName(channel))],
        [t('channel-state'), t(`channel-state-${state}`)],
        [t('channel-who'), settings.open ? t('channel-who-anyone') : t('channel-who-some', { count: many })],
      ),
      state !== 'connected' && state !== 'waiting' && note(t(`channel-state-${state}-explained`)),
      ...openLinks(channel),
      buttons(
        button(t('connect-people'), act('people', channel)),
        button(t('connect-check'), act('check', channel)),
        channel.managed
          ? button(t('connect-rotate'), act('rotate', channel))
          : button(t('connect-replace'), press('connect.paste', { instanceId: channel.instanceId, kind })),
        button(t('connect-disconnect'), act('disconnect', channel), 'danger'),
      ),
      buttons(overviewButton(instance.id)),
    ],
    { tone: state === 'connected' || state === 'connecting' ? 'info' : 'warning' },
  )
}

/** Where one meets the assistant. */
function openLinks({ kind, name, settings = {} }: ShownChannel): Block[] {
  if (kind === 'telegram' && name !== '')
    return [buttons(linkButton(t('channel-open-telegram'), `https://t.me/${name}?start=hello`))]
  if (kind === 'discord' && settings.applicationId)
    return [buttons(linkButton(t('channel-invite-discord'), discordInvite(settings.applicationId)))]
  return []
}

/** One tap makes the bot; the other way is a token of one's own. */
export function newBotView(
  instance: Named,
  { manager, username, channelId }: { readonly manager: string; readonly username: string; readonly channelId: string },
): View {
  return view(
    `channels:${instance.id}`,
    [
      title(t('connect-telegram-title', { name: instance.name })),
      paragraph(t('connect-telegram-text')),
      fields([t('connect-telegram-proposed'), literal(`@${username}`)]),
      buttons(linkButton(t('connect-telegram-make'), newBotLink(manager, username, instance.name))),
      note(t('connect-telegram-trouble')),
      buttons(
        button(t('connect-telegram-paste'), press('connect.paste', { instanceId: instance.id, kind: 'telegram' })),
        button(t('connect-stop-waiting'), press('connect.stop', { channelId }), 'quiet'),
      ),
    ],
    { visibility: 'onlyYou' },
  )
}

const progressBlock = (progress: OperationProgress, without: readonly string[]): Block | false =>
  progress.steps.length > 0 && {
    kind: 'progress',
    steps: progress.steps
      .filter(({ name }) => !without.includes(name))
      .map(({ progress: label, state, seconds }) => ({ label: t(label), state, ...(seconds !== undefined && { seconds }) })),
  }

/** What the message of a channel that is being connected shows of it. */
export type ShownChannel = Pick<Channel, 'id' | 'kind' | 'instanceId' | 'allowed' | 'name'> &
  Partial<Pick<Channel, 'managed' | 'settings'>>

/** The message of a channel that is being connected, and what came of it. */
export function connectView(
  viewId: string,
  channel: ShownChannel,
  progress: OperationProgress,
  done: 'connected' | 'rotated' = 'connected',
): View {
  const { kind, instanceId } = channel
  const platform = { text: platformText(kind) }
  // What comes with OpenClaw need not be fetched.
  const steps = progressBlock(progress, kind === 'telegram' ? ['prepare'] : [])
  const tone = TONES[progress.state]
  if (progress.state === 'succeeded')
    return view(
      viewId,
      [
        title(t(done === 'rotated' ? 'connect-rotated' : 'connect-done', { platform })),
        steps,
        paragraph(t(`connect-done-${kind}`, { name: shownName(channel) })),
        note(t(channel.allowed.length > 0 ? 'connect-done-owner' : 'connect-done-first')),
        ...openLinks(channel),
        buttons(button(t('connect-people'), act('people', channel)), overviewButton(instanceId)),
      ],
      { tone },
    )
  const { problem } = progress
  return view(
    viewId,
    [
      title(t(problem ? 'connect-failed' : 'connect-running', { platform })),
      steps,
      problem !== null && paragraph(problem.text),
      ...(progress.state === 'failed' && problem ? waysOut(channel, problem) : []),
    ],
    { tone },
  )
}

/** One clear next step for each thing that can be wrong. */
function waysOut(channel: ShownChannel, { code, text }: Pick<Problem, 'code' | 'text'>): Block[] {
  const again = button(t('connect-check'), act('check', channel), 'primary')
  const paste = button(t('connect-replace'), press('connect.paste', { instanceId: channel.instanceId, kind: channel.kind }))
  const args = 'args' in text ? text.args : undefined
  switch (code) {
    case 'channel-no-intent':
      return [buttons(linkButton(t('connect-fix-intent'), discordBotSettings(String(args?.applicationId))), again)]
    case 'channel-scopes':
      return [buttons(linkButton(t('connect-fix-scopes'), String(args?.link)), again)]
    case 'channel-no-bot':
      return [buttons(linkButton(t('connect-fix-bot'), String(args?.link)), paste)]
    case 'channel-in-use':
      return [buttons(channel.managed ? button(t('connect-rotate'), act('rotate', channel), 'primary') : paste, again)]
    case 'channel-webhook':
      return [buttons(paste, again)]
    case 'channel-token-refused':
      return [buttons(channel.managed ? button(t('connect-rotate'), act('rotate', channel), 'primary') : paste)]
    case 'channel-token-ours':
      return [buttons(paste)]
    default:
      return [buttons(again, overviewButton(channel.instanceId))]
  }
}

/** A Feishu app that a person has yet to say yes to. */
export function registrationView(
  viewId: string,
  instanceId: string,
  progress: OperationProgress,
  { url, minutes }: { readonly url: string | null; readonly minutes: number },
): View {
  const byHand = button(t('connect-feishu-by-hand'), press('connect.paste', { instanceId, kind: 'feishu' }))
  const { problem } = progress
  if (problem !== null)
    return view(
      viewId,
      [
        title(t('connect-failed', { platform: { text: platformText('feishu') } })),
        paragraph(problem.text),
        buttons(button(t('connect-feishu-again'), connectPress(instanceId, 'feishu'), 'primary'), byHand),
      ],
      { tone: 'warning' },
    )
  return view(
    viewId,
    [
      title(t('connect-feishu-title')),
      paragraph(t(url === null ? 'connect-feishu-begin' : 'connect-feishu-text', { minutes })),
      url !== null && buttons(linkButton(t('connect-feishu-make'), url), byHand),
      note(t('connect-feishu-note')),
    ],
    { visibility: 'onlyYou' },
  )
}

export function disconnectView(viewId: string, channel: Channel, progress: OperationProgress): View {
  const platform = { text: platformText(channel.kind) }
  const ended = progress.state === 'succeeded'
  return view(
    viewId,
    [
      title(t(ended ? 'disconnect-done' : 'disconnect-running', { platform })),
      ended && paragraph(t(channel.managed ? 'disconnect-done-managed' : 'disconnect-done-text', { name: shownName(channel) })),
      progress.problem !== null && paragraph(progress.problem.text),
      (ended || progress.state === 'failed') && buttons(overviewButton(channel.instanceId)),
    ],
    { tone: TONES[progress.state] },
  )
}

export function disconnectConfirmView(instance: Named, channel: Channel): View {
  return view(
    `channels:${instance.id}`,
    [
      title(t('disconnect-title', { platform: { text: platformText(channel.kind) }, name: instance.name })),
      paragraph(t('disconnect-text')),
      buttons(
        button(
          t('disconnect-sure'),
          press('connect.disconnect', { channelId: channel.id, sure: true }, { once: true }),
          'danger',
        ),
        button(t('connect-keep'), act('channel', channel), 'quiet'),
      ),
    ],
    { tone: 'warning' },
  )
}

/** Who may talk to the assistant in a channel. */
export function peopleView(instance: Named, channel: Channel): View {
  const { settings, allowed, kind } = channel
  const name = (id: string) => settings.names?.[id] ?? id
  return view(
    `channels:${instance.id}`,
    [
      title(t('people-title', { name: instance.name, platform: { text: platformText(kind) } })),
      settings.open
        ? paragraph(t('people-anyone'))
        : allowed.length === 0
          ? paragraph(t('people-nobody'))
          : fields(...allowed.map((id, index) => [literal(name(id)), t(index === 0 ? 'people-owner' : 'people-may')] as const)),
      !settings.open && note(t('people-explained')),
      !settings.open &&
        allowed.length > 1 && {
          kind: 'choice',
          name: 'person',
          label: t('people-remove'),
          options: allowed.slice(1).map((id) => ({ label: literal(name(id)), press: act('remove', channel, { personId: id }) })),
        },
      buttons(
        settings.open
          ? button(t('people-close'), act('close', channel), 'primary')
          : button(t('people-open'), act('open', channel), 'danger'),
        button(t('connect-back-channel'), act('channel', channel), 'quiet'),
      ),
    ],
    { tone: settings.open ? 'warning' : 'info' },
  )
}

export function openConfirmView(instance: Named, channel: Channel): View {
  return view(
    `channels:${instance.id}`,
    [
      title(t('people-open-title', { name: instance.name })),
      paragraph(t('people-open-text', { bot: shownName(channel), platform: { text: platformText(channel.kind) } })),
      buttons(
        button(t('people-open-sure'), act('open', channel, { sure: true }), 'danger'),
        button(t('people-open-no'), act('people', channel), 'primary'),
      ),
    ],
    { tone: 'danger' },
  )
}

export type AskedToTalk = {
  readonly id: string
  readonly senderName: string
  readonly senderId: string
  readonly kind: ChannelKind
  readonly state: string
}

/** Somebody wants to talk to the assistant; and what became of it. Nobody is let in by silence. */
export function pairingView(asked: AskedToTalk, instance: Named, ownerKnown: boolean): View {
  const names = { who: asked.senderName, name: instance.name, platform: { text: platformText(asked.kind) } }
  const id = `pairing:${asked.id}`
  if (asked.state !== 'open')
    return view(id, [note(t(`pairing-${asked.state}`, names))], { tone: asked.state === 'approved' ? 'success' : 'info' })
  const press_ = (action: string) => press(`connect.${action}`, { pairingId: asked.id }, { who: 'anyone' })
  return view(
    id,
    [
      title(t(ownerKnown ? 'pairing-title' : 'pairing-title-you', names)),
      paragraph(t(ownerKnown ? 'pairing-text' : 'pairing-text-you', { ...names, id: asked.senderId })),
      buttons(
        button(t(ownerKnown ? 'pairing-approve' : 'pairing-approve-you'), press_('approve'), 'primary'),
        button(t(ownerKnown ? 'pairing-deny' : 'pairing-deny-you'), press_('deny'), 'danger'),
      ),
      note(t('pairing-expires')),
    ],
    { tone: 'warning' },
  )
}

/** A channel fell silent, or works again; told once. */
export function channelNoticeView(instance: Named, channel: Channel, state: 'conflict' | 'refused' | 'connected'): View {
  const names = { name: instance.name, platform: { text: platformText(channel.kind) }, bot: shownName(channel) }
  const code = state === 'conflict' ? 'channel-in-use' : 'channel-token-refused'
  return view(
    `channel-notice:${channel.id}`,
    [
      title(t(`channel-notice-${state}`, names)),
      paragraph(t(`channel-notice-${state}-text`, names)),
      ...(state === 'connected' ? [] : waysOut(channel, { code, text: t(code, names) })),
    ],
    { tone: state === 'connected' ? 'success' : 'danger' },
  )
}
