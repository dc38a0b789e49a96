import { readAudit } from '../access/index.ts'
import { button, buttons, fields, literal, note, press, t, title, view } from '../chat/build.ts'
import { type ChatContext, type Reply, reply } from '../chat/reply.ts'
import type { Text, TextArgument, View } from '../chat/view.ts'
import { command } from './command.ts'
import { platformName } from './link.ts'

/** Entries on one screen: what a phone shows without much scrolling. */
const PAGE_ENTRIES = 10

export type ShownEntry = {
  readonly id: bigint
  readonly action: string
  readonly outcome: string
  readonly platform: string | null
  readonly detail: unknown
  readonly createdAt: Date
}

export const audit = command({
  name: 'audit',
  description: 'command-audit',
  needs: 'admin',
  argument: 'none',
  run: (context) => page(context, null),
  actions: {
    page: {
      needs: 'admin',
      run: (context, args) => page(context, /^\d+$/.test(String(args.before)) ? BigInt(String(args.before)) : null),
    },
  },
})

async function page(context: ChatContext, before: bigint | null): Promise<Reply> {
  const prisma = await context.services.database.prisma()
  const entries = await readAudit(prisma, context.workspace.id, before, PAGE_ENTRIES)
  return reply(auditView(entries, before !== null))
}

/** Newest first; one entry more than a page means that there are older ones. */
export function auditView(entries: readonly ShownEntry[], isLater: boolean): View {
  const shown = entries.slice(0, PAGE_ENTRIES)
  const last = shown.at(-1)
  // Where the workspace is: its buttons work nowhere else.
  return view('audit', [
    title(t('audit-title')),
    shown.length === 0 ? note(t('audit-empty')) : fields(...shown.map((entry) => [by(entry), line(entry)] as const)),
    buttons(
      isLater && button(t('audit-newest'), press('audit.page'), 'quiet'),
      entries.length > PAGE_ENTRIES &&
        last !== undefined &&
        button(t('audit-older'), press('audit.page', { before: String(last.id) })),
    ),
  ])
}

/** A name is short: a label of a whole date would be squeezed where labels have a column of their own. */
const by = ({ detail }: ShownEntry): Text => literal(String(argumentsOf(detail).by ?? '?'))

const line = (entry: ShownEntry): Text =>
  t('audit-line', {
    what: { text: sentence(entry) },
    date: { date: entry.createdAt.toISOString(), style: 'minute' },
    platform: platformName(entry.platform ?? '?'),
  })

/** Attempts that have sentences of their own; any other refusal is of a command or a button, by its name. */
const REFUSALS = ['foreign-button', 'foreign-order', 'link-wrong-code']

function sentence({ action, outcome, detail }: ShownEntry): Text {
  const args = argumentsOf(detail)
  if (outcome !== 'refused' || REFUSALS.includes(action)) return t(`audit-${action}`, args)
  return t('audit-refused', { what: literalCommand(action) })
}

/** `model.choose` is a button of `/model`. */
const literalCommand = (action: string): string => `/${action.split('.')[0] ?? action}`

/** The sentence's arguments as they were written: words and numbers. */
function argumentsOf(detail: unknown): Readonly<Record<string, TextArgument>> {
  if (typeof detail !== 'object' || detail === null) return {}
  return Object.fromEntries(
    Object.entries(detail).filter((entry): entry is [string, string | number] => ['string', 'number'].includes(typeof entry[1])),
  )
}
