import {
  type Channel,
  channelNoticeView,
  channelOf,
  channelsView,
  channelView,
  connectView,
  disconnectConfirmView,
  disconnectView,
  newBotView,
  openConfirmView,
  pairingView,
  peopleView,
  registrationView,
} from '../../core/channels/index.ts'
import type { View } from '../../core/chat/view.ts'
import type { OperationProgress } from '../../core/operations/index.ts'
import type { Problem } from '../../core/problem.ts'

const scout = { id: 'ins_1', name: 'Scout' }
const channel = (change: Partial<Channel> = {}): Channel =>
  channelOf({
    id: 'chn_1',
    workspaceId: 'wsp_1',
    instanceId: 'ins_1',
    kind: 'telegram',
    externalId: '7100000001',
    name: 'Scout_k3x9a_bot',
    sealed: '',
    last4: 'Q2xY',
    managed: true,
    state: 'connected',
    settings: { names: { '42': 'Ann', '43': '<b>M</b> *al* (@mallory)' } },
    allowed: ['42', '43'],
    addedByPersonId: 'per_1',
    createdAt: new Date(0),
    checkedAt: null,
    greetedAt: null,
    ...change,
  })
const discord = channel({
  id: 'chn_2',
  kind: 'discord',
  name: 'scout',
  managed: false,
  state: 'refused',
  settings: { applicationId: '112233445566778899' },
  allowed: [],
})
const feishu = channel({
  id: 'chn_3',
  kind: 'feishu',
  name: '小助手',
  managed: false,
  settings: { appId: 'cli_a1', domain: 'feishu' },
  allowed: [],
})

const STEPS = ['check', 'prepare', 'configure', 'prove'] as const
const running = (at: number): OperationProgress => ({
  state: 'running',
  steps: STEPS.map((name, index) => ({
    name,
    progress: `connect-progress-${name}`,
    state: index < at ? 'done' : index === at ? 'running' : 'waiting',
    ...(index < at && { seconds: index + 0.4 }),
  })),
  note: null,
  problem: null,
})
const succeeded: OperationProgress = { ...running(4), state: 'succeeded' }
const failed = (at: number, id: string, args: Record<string, string>): OperationProgress => {
  const problem: Problem = { code: id, retryable: false, text: { id, args } }
  const { steps } = running(at)
  return {
    state: 'failed',
    steps: steps.map((step) => (step.state === 'running' ? { ...step, state: 'failed' } : step)),
    note: null,
    problem,
  }
}
const asked = { id: 'pai_1', senderName: 'Eve (@eve)', senderId: '43', kind: 'telegram' as const, state: 'open' }

/** The screens of an assistant's own channels. */
export const channelScreens = (): Record<string, View> => ({
  'connect-none': channelsView(scout, [], true),
  connect: channelsView(scout, [channel(), discord], true),
  'connect-member': channelsView(
    scout,
    [channel(), channel({ id: 'chn_4', kind: 'feishu', state: 'waiting', externalId: '@x' })],
    false,
  ),
  'connect-channel': channelView(scout, channel()),
  'connect-channel-refused': channelView(scout, discord),
  'connect-telegram-new': newBotView(scout, { manager: 'ClawCloudBot', username: 'Scout_k3x9a_bot', channelId: 'chn_1' }),
  'connect-running': connectView('channels:ins_1', discord, running(1)),
  'connect-done-telegram': connectView('channels:ins_1', channel(), succeeded),
  'connect-done-discord': connectView('channels:ins_1', { ...discord, allowed: [] }, succeeded),
  'connect-done-feishu': connectView('channels:ins_1', feishu, succeeded),
  'connect-rotated': connectView('channels:ins_1', channel(), succeeded, 'rotated'),
  'connect-in-use': connectView('channels:ins_1', channel(), failed(3, 'channel-in-use', { name: '@Scout_k3x9a_bot' })),
  'connect-refused': connectView('channels:ins_1', discord, failed(0, 'channel-token-refused', { platform: 'Discord' })),
  'connect-webhook': connectView(
    'channels:ins_1',
    channel({ managed: false }),
    failed(0, 'channel-webhook', { host: 'example.com' }),
  ),
  'connect-no-intent': connectView(
    'channels:ins_1',
    discord,
    failed(0, 'channel-no-intent', { name: 'scout', applicationId: '112233445566778899' }),
  ),
  'connect-scopes': connectView(
    'channels:ins_1',
    feishu,
    failed(0, 'channel-scopes', { scopes: 'im:resource, cardkit:card:write', link: 'https://open.feishu.cn/app/cli_a1/auth' }),
  ),
  'connect-feishu': registrationView('feishu:1', 'ins_1', running(0), {
    url: 'https://accounts.feishu.cn/verify?code=AB',
    minutes: 10,
  }),
  'connect-feishu-over': registrationView('feishu:1', 'ins_1', failed(1, 'channel-registration-over', {}), {
    url: null,
    minutes: 10,
  }),
  'disconnect-confirm': disconnectConfirmView(scout, channel()),
  'disconnect-done': disconnectView('channels:ins_1', channel(), succeeded),
  people: peopleView(scout, channel()),
  'people-nobody': peopleView(scout, discord),
  'people-open': peopleView(scout, channel({ settings: { open: true } })),
  'people-open-confirm': openConfirmView(scout, channel()),
  pairing: pairingView(asked, scout, true),
  'pairing-owner': pairingView(asked, scout, false),
  'pairing-approved': pairingView({ ...asked, state: 'approved' }, scout, true),
  'pairing-expired': pairingView({ ...asked, state: 'expired' }, scout, true),
  'channel-conflict': channelNoticeView(scout, channel({ state: 'conflict' }), 'conflict'),
  'channel-refused': channelNoticeView(scout, channel({ managed: false, state: 'refused' }), 'refused'),
  'channel-back': channelNoticeView(scout, channel(), 'connected'),
})
