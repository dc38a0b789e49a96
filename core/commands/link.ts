import {
  type Account,
  audited,
  CODE_MINUTES,
  claimCode,
  codeHash,
  guessesTooMuch,
  keepCode,
  liveCode,
  mergePeople,
  moveNotices,
  newCode,
  noticePlaceOf,
  personalWorkspaceOf,
  planMove,
  type Renamed,
  renamedIn,
  useCode,
  WRONG_CODE,
} from '../access/index.ts'
import { button, buttons, fields, literal, note, paragraph, press, t, title, view } from '../chat/build.ts'
import { type ChatContext, type Effect, type Reply, reply } from '../chat/reply.ts'
import type { View } from '../chat/view.ts'
import { renamedNote } from './access.ts'
import { command } from './command.ts'

/** An account as people know it: the name they gave themselves, and where. */
export type ShownAccount = { readonly platform: string; readonly name: string; readonly externalId: string }

export const link = command({
  name: 'link',
  description: 'command-link',
  needs: 'viewer',
  argument: 'text',
  option: { description: 'option-link' },

  async run(context, { argument }) {
    // Codes and who belongs together are nobody else's business.
    if (context.workspace.kind === 'group') return reply(view('link', [note(t('link-private-only'))], { tone: 'warning' }))
    return argument === '' ? offerCode(context) : takeCode(context, argument)
  },

  actions: {
    confirm: { needs: 'owner', run: (context, args) => confirm(context, String(args.code)) },
    join: { needs: 'owner', run: (context, args) => join(context, String(args.code)) },
    refuse: { needs: 'owner', run: (context, args) => refuse(context, String(args.code)) },
    notices: { needs: 'owner', run: (context, args) => chooseNotices(context, String(args.platform)) },
  },
})

const hereOf = ({ incoming }: ChatContext): Account => ({ platform: incoming.platform, externalId: incoming.sender.id })

export async function accountsOf(context: ChatContext): Promise<readonly ShownAccount[]> {
  const prisma = await context.services.database.prisma()
  const identities = await prisma.identity.findMany({ where: { personId: context.personId }, orderBy: { platform: 'asc' } })
  return identities.map(({ platform, externalId, displayName }) => ({ platform, externalId, name: displayName }))
}

/** `telegram` as people write it. */
export const platformName = (platform: string): string => platform.charAt(0).toUpperCase() + platform.slice(1)
const shown = (account: ShownAccount) => ({ name: account.name, platform: platformName(account.platform) })

async function offerCode(context: ChatContext): Promise<Reply> {
  const code = newCode(context.services.ids)
  const prisma = await context.services.database.prisma()
  const accounts = await accountsOf(context)
  const place = await noticePlaceOf(prisma, context.personId)
  const { personId, now } = context
  return {
    ...reply(linkView(code, accounts, place?.platform ?? context.incoming.platform)),
    effects: [(transaction) => keepCode(transaction, code, { personId, account: hereOf(context), now })],
  }
}

/** The code, which accounts are one person already, and where they are told things. */
export function linkView(code: string, accounts: readonly ShownAccount[], noticesAt: string): View {
  const platforms = [...new Set(accounts.map(({ platform }) => platform))]
  return view(
    'link',
    [
      title(t('link-title')),
      paragraph(t('link-text', { minutes: CODE_MINUTES })),
      { kind: 'code', text: literal(`/link ${code}`) },
      note(t('link-keep-to-yourself')),
      accounts.length > 1 &&
        fields(...accounts.map((account) => [literal(platformName(account.platform)), literal(account.name)] as const)),
      ...noticeBlocks(platforms, noticesAt),
    ],
    { visibility: 'private' },
  )
}

const noticeBlocks = (platforms: readonly string[], noticesAt: string) =>
  platforms.length < 2
    ? []
    : [
        paragraph(t('link-notices')),
        buttons(
          ...platforms.map((platform) =>
            button(
              literal(platformName(platform)),
              press('link.notices', { platform }),
              platform === noticesAt ? 'primary' : 'default',
            ),
          ),
        ),
      ]

/** The code was typed on the other account: it says who asks, and asks back. */
async function takeCode(context: ChatContext, typed: string): Promise<Reply> {
  const { personId, now, workspace } = context
  const prisma = await context.services.database.prisma()
  if (await guessesTooMuch(prisma, workspace.id, personId, now))
    return reply(view('link', [note(t('link-too-many', { minutes: CODE_MINUTES }))], { tone: 'warning' }))
  const hash = codeHash(typed)
  const found = await liveCode(prisma, hash, now)
  if (!found || found.byPlatform !== null)
    return { ...reply(view('link', [note(t('link-wrong'))], { tone: 'warning' })), effects: [wrongCode(context)] }
  if (found.personId === personId) return reply(view('link', [note(t('link-same'))]))
  const asks = await accountOf(context, found)
  return {
    ...reply(askView(hash, asks)),
    effects: [(transaction) => claimCode(transaction, hash, hereOf(context), now)],
  }
}

const wrongCode =
  (context: ChatContext): Effect =>
  async (transaction) => {
    const { workspace, personId, incoming, now } = context
    await transaction.auditEntry.create({
      data: {
        workspaceId: workspace.id,
        personId,
        platform: incoming.platform,
        action: WRONG_CODE,
        outcome: 'refused',
        detail: { by: incoming.sender.name },
        createdAt: now,
      },
    })
  }

/** On the account that typed the code. */
export const askView = (code: string, asks: ShownAccount): View =>
  view(
    'link',
    [
      title(t('link-ask-title', shown(asks))),
      paragraph(t('link-ask-text')),
      buttons(
        button(t('link-ask-yes'), press('link.confirm', { code }, { once: true }), 'primary'),
        button(t('link-ask-no'), press('link.refuse', { code }, { once: true }), 'danger'),
      ),
    ],
    { tone: 'warning', visibility: 'private' },
  )

/** On the account that made the code, once the other side said yes. */
export const joinView = (code: string, asks: ShownAccount): View =>
  view(
    'link-join',
    [
      title(t('link-join-title', shown(asks))),
      paragraph(t('link-join-text')),
      buttons(
        button(t('link-join-yes'), press('link.join', { code }, { once: true }), 'primary'),
        button(t('link-ask-no'), press('link.refuse', { code }, { once: true }), 'danger'),
      ),
    ],
    { tone: 'warning', visibility: 'private' },
  )

async function accountOf(context: ChatContext, { platform, externalId }: Account): Promise<ShownAccount> {
  const prisma = await context.services.database.prisma()
  const identity = await prisma.identity.findUnique({ where: { platform_externalId: { platform, externalId } } })
  return { platform, externalId, name: identity?.displayName ?? externalId }
}

/** The code as long as it is good and this account is the one meant: the one that typed it, or the one that made it. */
async function codeFor(context: ChatContext, hash: string, side: 'typed' | 'made') {
  const prisma = await context.services.database.prisma()
  const found = await liveCode(prisma, hash, context.now)
  const here = hereOf(context)
  if (!found || found.byPlatform === null || found.byExternalId === null) return null
  const by = { platform: found.byPlatform, externalId: found.byExternalId }
  const isTyper = by.platform === here.platform && by.externalId === here.externalId
  if (side === 'typed' ? !isTyper : found.personId !== context.personId) return null
  return { maker: { platform: found.platform, externalId: found.externalId, personId: found.personId }, by }
}

const over = () => reply(view('link', [note(t('link-over'))], { tone: 'warning' }))

/** The first yes, from where the code was typed: asks the account that made it. */
async function confirm(context: ChatContext, hash: string): Promise<Reply> {
  const code = await codeFor(context, hash, 'typed')
  if (!code) return over()
  const maker = await accountOf(context, code.maker)
  return {
    ...reply(view('link', [note(t('link-waiting', shown(maker)))], { visibility: 'private' })),
    effects: [
      (transaction) =>
        tell(context, transaction, code.maker, joinView(hash, { ...hereOf(context), name: context.incoming.sender.name })),
    ],
  }
}

/** The second yes, from where the code was made: the two become one. */
async function join(context: ChatContext, hash: string): Promise<Reply> {
  const code = await codeFor(context, hash, 'made')
  if (!code) return over()
  const prisma = await context.services.database.prisma()
  const other = await prisma.identity.findUnique({ where: { platform_externalId: code.by } })
  if (!other) return over()
  if (other.personId === context.personId) return reply(view('link-join', [note(t('link-same'))]))
  const account = { platform: other.platform, externalId: other.externalId, name: other.displayName }
  const gone = other.personId
  const stays = context.personId
  const plan = await planMove(prisma, { from: personalWorkspaceOf(gone), to: personalWorkspaceOf(stays) })
  const joined: Effect = async (transaction) => {
    await useCode(transaction, hash, context.now)
    await mergePeople(transaction, { stays, gone })
    const self = await accountOf(context, hereOf(context))
    await tell(context, transaction, code.by, joinedView('link', self, renamedIn(plan)))
  }
  return {
    ...reply(joinedView('link-join', account, renamedIn(plan))),
    effects: [joined, audited(context, 'link', shown(account))],
  }
}

export const joinedView = (id: string, account: ShownAccount, renamed: readonly Renamed[]): View =>
  view(
    id,
    [
      title(t('link-joined-title', shown(account))),
      paragraph(t('link-joined-text')),
      renamed.length > 0 && renamedNote(renamed),
      buttons(button(t('button-instances'), press('command', { name: 'instances' }), 'primary')),
    ],
    { tone: 'success', visibility: 'private' },
  )

/** A no from either side ends the code, and the other side hears it. */
async function refuse(context: ChatContext, hash: string): Promise<Reply> {
  const made = await codeFor(context, hash, 'made')
  const code = made ?? (await codeFor(context, hash, 'typed'))
  if (!code) return over()
  const end: Effect = async (transaction) => {
    await useCode(transaction, hash, context.now)
    const self = { ...hereOf(context), name: context.incoming.sender.name }
    const told = view('link-refused', [note(t('link-refused', shown(self)))], { tone: 'warning', visibility: 'private' })
    await tell(context, transaction, made ? code.by : code.maker, told)
  }
  return { ...reply(view(made ? 'link-join' : 'link', [note(t('link-not-joined'))])), effects: [end] }
}

/** Says something in an account's own private chat. */
export async function tell(
  context: ChatContext,
  transaction: Parameters<Effect>[0],
  { platform, externalId }: Account,
  shownView: View,
): Promise<void> {
  const identity = await transaction.identity.findUnique({
    where: { platform_externalId: { platform, externalId } },
    include: { person: true },
  })
  if (!identity?.privateChatId) return
  await context.services.notices.post(transaction, {
    platform,
    chatId: identity.privateChatId,
    userId: externalId,
    language: identity.person.language ?? identity.locale ?? context.language,
    view: shownView,
    place: 'new',
  })
}

async function chooseNotices(context: ChatContext, platform: string): Promise<Reply> {
  const accounts = await accountsOf(context)
  if (!accounts.some((account) => account.platform === platform)) return { views: [], toast: t('button-expired') }
  const move: Effect = async (transaction) => {
    await moveNotices(transaction, { personId: context.personId, workspaceId: context.workspace.id, platform })
  }
  return {
    views: [
      {
        view: view('link-notices', [note(t('link-notices-set', { platform: platformName(platform) }))], { tone: 'success' }),
        // The code above it may still be needed.
        place: 'new',
      },
    ],
    effects: [move],
  }
}
