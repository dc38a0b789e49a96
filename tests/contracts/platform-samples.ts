import type { FittedBlock, FittedButton, FittedMessage } from '../../core/chat/fit.ts'
import type { Incoming } from '../../core/chat/incoming.ts'
import type { Receive } from '../../core/chat/platform.ts'
import type { Clock } from '../../core/clock.ts'
import type { Log } from '../../core/log.ts'

/** One white pixel. */
export const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAGg4SZAAAAABJRU5ErkJggg==',
  'base64',
)
export const CHART = {
  kind: 'daily-usage',
  days: [{ date: '2026-11-01', micros: 1_200_000 }],
  allowanceMicros: 8_000_000,
  language: 'en',
} as const
/** Everything some platform's markup gives a meaning to. */
export const MARKUP =
  '<b>Bob</b> *x* _y_ `z` ~w~ [l](http://evil.test) &amp; </pre> ||s|| #h \\n <at id=all></at> **d** {{v}} ```q``` <script>1</script>'

export const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent }
export const clock: Clock = { now: () => new Date('2026-11-22T12:00:00Z') }

export const EMPTY: FittedMessage = { blocks: [], rows: [], selects: [] }
export const title = (words: string): FittedBlock => ({ kind: 'title', text: words })
export const text = (words: string): FittedBlock => ({ kind: 'text', text: words })
export const button = (label: string, token: string, style: FittedButton['style'] = 'default'): FittedButton => ({
  label,
  style,
  token,
})

export const BLOCKS: readonly { readonly block: FittedBlock; readonly words: readonly string[] }[] = [
  { block: title('A title'), words: ['A title'] },
  { block: text('Some words\nin two lines'), words: ['Some words\nin two lines'] },
  { block: { kind: 'note', text: 'By the way' }, words: ['By the way'] },
  { block: { kind: 'code', text: 'const a = 1 < 2\n  indented' }, words: ['const a = 1 < 2\n  indented'] },
  { block: { kind: 'divider' }, words: [] },
  { block: { kind: 'bar', share: 0.42, caption: '$3.36 of $8.00' }, words: ['$3.36 of $8.00'] },
  {
    block: {
      kind: 'fields',
      items: [
        { label: 'Plan', value: 'Pro' },
        { label: 'Resets', value: '3 December' },
      ],
    },
    words: ['Plan', 'Pro', 'Resets', '3 December'],
  },
  {
    block: {
      kind: 'progress',
      steps: [
        { label: 'Reserve', state: 'done', seconds: 2 },
        { label: 'Start', state: 'running' },
        { label: 'Check', state: 'waiting' },
        { label: 'Broken', state: 'failed', seconds: 9 },
        { label: 'Cleared', state: 'undone' },
      ],
    },
    words: ['Reserve', '2', 'Start', 'Check', 'Broken', '9', 'Cleared'],
  },
]

export type Inbox = ReturnType<typeof createInbox>

/** Stands for the core: stores what arrives, or refuses to. */
export function createInbox() {
  const stored: Incoming[] = []
  const refused: Incoming[] = []
  let taken = 0
  let refusals = 0
  let wake: (() => void) | null = null

  const receive: Receive = async (incoming) => {
    if (refusals > 0) {
      refusals -= 1
      refused.push(incoming)
      throw new Error('The database is away')
    }
    // A restart may bring an update again; the core knows it by its key.
    if (stored.some(({ updateKey }) => updateKey === incoming.updateKey)) return
    stored.push(incoming)
    wake?.()
  }
  return {
    receive,
    /** The next one not taken yet. */
    async take(): Promise<Incoming> {
      for (;;) {
        const next = stored[taken]
        if (next) {
          taken += 1
          return next
        }
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    },
    all: () => stored,
    waiting: () => stored.length - taken,
    refused: () => refused,
    refuseNext: (times: number) => {
      refusals = times
    },
  }
}
