import type { FittedMessage } from '../../core/chat/fit.ts'
import type { Incoming } from '../../core/chat/incoming.ts'
import type { ChatPlatform, Outgoing, Receive } from '../../core/chat/platform.ts'
import type { DailyUsage } from '../../core/chat/view.ts'

/** Stands for the core: answers every command with a screen of some kind, so that all kinds are drawn once. */
export type EchoService = ReturnType<typeof createEchoService>

type Draft = Partial<FittedMessage> & Pick<FittedMessage, 'blocks'> & { readonly tone?: Outgoing['tone'] }

const DAYS: readonly DailyUsage[] = [12, 31, 8, 44, 27, 60, 35, 20, 52, 41, 66, 30, 48, 22].map((hundredths, index) => ({
  date: `2026-11-${String(index + 9).padStart(2, '0')}`,
  micros: hundredths * 10_000,
}))

const MODELS = [
  ['Claude Sonnet 4.6', 'Strong all-rounder · $3 in, $15 out per million tokens'],
  ['Claude Haiku 4.5', 'Quick and cheap · $1 in, $5 out'],
  ['GPT-5.2', 'Strong at reasoning · $1.75 in, $14 out'],
  ['DeepSeek V4', 'Cheapest of the good ones · $0.27 in, $1.10 out'],
] as const

const STEPS = ['Payment received', 'Credit set aside', 'Server prepared', 'OpenClaw started', 'First answer checked']

const SCREENS: Readonly<Record<string, Draft>> = {
  deploy: {
    blocks: [
      { kind: 'title', text: 'Which model shall answer?' },
      { kind: 'text', text: 'You can change it at any time with /model. All of them are paid from your plan’s credit.' },
    ],
    selects: [
      {
        name: 'model',
        label: 'Model',
        options: MODELS.map(([label, note], index) => ({ label, note, token: `model:${index}`, selected: index === 0 })),
      },
    ],
    rows: [
      [
        { label: 'Back', style: 'default', token: 'back' },
        { label: 'Cancel', style: 'quiet', token: 'cancel' },
      ],
    ],
  },
  review: {
    blocks: [
      { kind: 'title', text: 'Is this right?' },
      {
        kind: 'fields',
        items: [
          { label: 'Name', value: 'Scout' },
          { label: 'Plan', value: 'Pro, $49.00 a month' },
          { label: 'AI credit', value: '$25.00 every month' },
          { label: 'Model', value: 'Claude Sonnet 4.6' },
        ],
      },
      { kind: 'note', text: 'It renews every month. Cancel whenever you like; it then runs until the month is over.' },
    ],
    rows: [
      [{ label: 'Continue to payment', style: 'primary', token: 'pay' }],
      [
        { label: 'Back', style: 'default', token: 'back' },
        { label: 'Start over', style: 'default', token: 'over' },
        { label: 'Cancel', style: 'quiet', token: 'cancel' },
      ],
    ],
  },
  pay: {
    blocks: [
      { kind: 'title', text: 'Pay $49.00 to begin' },
      { kind: 'text', text: 'The link works for 30 minutes. Nothing is charged before you confirm there.' },
    ],
    rows: [
      [
        { label: 'Pay $49.00', style: 'primary', url: 'https://pay.example.com/session' },
        { label: 'Cancel the order', style: 'quiet', token: 'cancel' },
      ],
    ],
  },
  usage: {
    blocks: [
      { kind: 'title', text: 'Scout this month' },
      { kind: 'bar', share: 0.42, caption: '$3.36 of $8.00' },
      {
        kind: 'fields',
        items: [
          { label: 'Spent', value: '$3.36 of $8.00' },
          { label: 'Resets', value: '3 December' },
          { label: 'At this pace', value: 'lasts until 9 December' },
        ],
      },
    ],
    image: {
      chart: { kind: 'daily-usage', days: DAYS, allowanceMicros: 8_000_000, language: 'en' },
      alt: 'Daily use: $0.12 to $0.66, most on 19 November',
    },
    rows: [
      [
        { label: 'Cheaper model', style: 'default', token: 'cheaper' },
        { label: 'Refresh', style: 'quiet', token: 'refresh' },
      ],
    ],
  },
  bars: {
    tone: 'warning',
    blocks: [
      { kind: 'title', text: 'Almost used up' },
      { kind: 'bar', share: 0.82, caption: '$6.56 of $8.00' },
      { kind: 'bar', share: 1.2, caption: '$9.60 of $8.00' },
    ],
  },
  logs: {
    blocks: [
      { kind: 'title', text: 'The last lines' },
      {
        kind: 'code',
        text: '12:01:07 gateway ready in 3.1 s\n12:01:09 model openrouter/anthropic/claude-sonnet-4.6 is the primary one\n12:01:12 turn 1: 412 tokens in, 88 out',
      },
      { kind: 'divider' },
      { kind: 'note', text: 'Keys and tokens are blacked out.' },
    ],
    file: { name: 'scout-logs.txt', mime: 'text/plain; charset=utf-8', content: 'gateway ready\n' },
  },
  key: {
    blocks: [{ kind: 'text', text: 'Your own key stays yours: it goes from here straight into the safe of your server.' }],
    form: {
      name: 'key',
      token: 'key-form',
      submitLabel: 'Save the key',
      fields: [
        { name: 'label', label: 'A name for it', hint: 'Only you see it, for example “work”.', maxLength: 40, secret: false },
        { name: 'key', label: 'API key', maxLength: 200, secret: true },
      ],
    },
  },
  destroy: {
    tone: 'danger',
    blocks: [
      { kind: 'title', text: 'Delete Scout?' },
      { kind: 'text', text: 'Lost for good: its memory, files and chats. Kept: your receipts and this conversation.' },
    ],
    rows: [
      [
        { label: 'Delete for good', style: 'danger', token: 'destroy' },
        { label: 'Keep it', style: 'default', token: 'keep' },
      ],
    ],
  },
  ready: {
    tone: 'success',
    blocks: [
      { kind: 'title', text: 'Scout is ready' },
      {
        kind: 'text',
        text: 'It took 34 seconds. Say hello with /ask hello, or see what it costs with /usage. More: https://docs.example.com/start.',
      },
    ],
  },
}

const MENU = [
  { name: 'deploy', description: 'Set up an assistant' },
  { name: 'help', description: 'What I can do' },
  { name: 'language', description: 'English, 中文' },
  { name: 'logs', description: 'The last lines of the log' },
  { name: 'model', description: 'See or change the model' },
  { name: 'usage', description: 'What is spent and left' },
  { name: 'ask', description: 'Talk to your assistant' },
]

export function createEchoService(platform: ChatPlatform) {
  const received: Incoming[] = []

  const send = (chatId: string, draft: Draft, more: Partial<Outgoing> = {}) => {
    const { tone = 'info', ...message } = draft
    return platform.deliver({ chatId, tone, message: { rows: [], selects: [], ...message }, ...more })
  }

  /** Setting up, one step further than before with every press of Next. */
  const progress = (done: number, failed = false): Draft => ({
    blocks: [
      { kind: 'title', text: 'Setting up Scout' },
      {
        kind: 'progress',
        steps: STEPS.map((label, index) => {
          if (index < done) return { label, state: 'done', seconds: index * 3 + 1 }
          if (index > done) return { label, state: 'waiting' }
          return { label, state: failed ? 'failed' : 'running', seconds: 4 }
        }),
      },
    ],
    rows: [[{ label: 'Next', style: 'default', token: `next:${done + 1}` }]],
  })

  const receive: Receive = async (incoming) => {
    received.push(incoming)
    const { chat, content } = incoming
    if (content.kind === 'command') {
      const screen = content.name === 'progress' ? progress(Number(content.argument) || 0) : SCREENS[content.name]
      await send(chat.id, screen ?? { blocks: [{ kind: 'text', text: `You said /${content.name} ${content.argument}` }] })
    } else if (content.kind === 'text') {
      await send(chat.id, { blocks: [{ kind: 'text', text: `You said: ${content.text}` }] })
    } else if (content.kind === 'press') {
      await answerPress(incoming, content.token, content.messageRef ?? '')
    } else if (content.kind === 'form') {
      await platform.acknowledge(incoming)
      await send(
        chat.id,
        { blocks: [{ kind: 'text', text: `Saved ${content.values.label}.` }] },
        { edit: content.messageRef ?? '' },
      )
    }
  }

  async function answerPress(incoming: Incoming, token: string, ref: string): Promise<void> {
    const chatId = incoming.chat.id
    const [name, argument = ''] = token.split(':')
    if (name === 'next') await send(chatId, progress(Number(argument)), { edit: ref })
    else if (name === 'model') {
      const label = MODELS[Number(argument)]?.[0] ?? ''
      await send(chatId, { tone: 'success', blocks: [{ kind: 'title', text: `${label} it is` }] }, { edit: ref })
    }
    await platform.acknowledge(incoming, name === 'refresh' ? 'These are the newest figures.' : undefined)
  }

  return {
    received,
    send,
    async start() {
      await platform.publishCommands([{ language: 'en', commands: MENU }])
      await platform.start(receive)
    },
  }
}
