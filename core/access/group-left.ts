import type { Database, PrismaTransaction } from '../../prisma/database.ts'
import { button, buttons, fields, literal, note, paragraph, press, t, title, view } from '../chat/build.ts'
import type { ChatPlatform } from '../chat/platform.ts'
import type { View } from '../chat/view.ts'
import type { Clock } from '../clock.ts'
import type { Localiser } from '../i18n/index.ts'
import type { Log } from '../log.ts'
import type { Notices } from '../notices/index.ts'
import { type NoticePlace, noticePlaceOf } from './notice-place.ts'

type GroupLeftDependencies = {
  readonly database: Database
  readonly platforms: ReadonlyMap<string, ChatPlatform>
  readonly notices: Notices
  readonly localiser: Localiser
  readonly clock: Clock
  readonly log: Log
}

type Workspace = { readonly id: string; readonly title: string | null; readonly ownerPersonId: string }
type Left = {
  readonly name: string
  readonly state: string
  readonly ownerPersonId: string
  readonly plan: { readonly priceCents: number; readonly currency: string }
}

/**
 * We were taken out of a group: nothing of what is paid for there is touched, and whoever pays for it is told so in private, with
 * a button that takes it along into their own chat. Resolves when that is stored; a second report of it tells nobody again.
 */
export function createGroupLeft({ database, platforms, notices, localiser, clock, log }: GroupLeftDependencies) {
  return async function groupLeft(platform: string, groupId: string): Promise<void> {
    const prisma = await database.prisma()
    const told = await prisma.$transaction(async (transaction) => {
      const [workspace] = await transaction.workspace.updateManyAndReturn({
        where: { platform, externalChatId: groupId, leftAt: null },
        data: { leftAt: clock.now() },
        select: { id: true, title: true, ownerPersonId: true },
      })
      return workspace ? tellPayers(transaction, platform, workspace) : 0
    })
    if (told > 0) notices.wake()
  }

  async function tellPayers(transaction: PrismaTransaction, platform: string, workspace: Workspace): Promise<number> {
    const living = await transaction.instance.findMany({
      where: { workspaceId: workspace.id, destroyedAt: null },
      select: { name: true, state: true, ownerPersonId: true, plan: { select: { priceCents: true, currency: true } } },
      orderBy: { createdAt: 'asc' },
    })
    const payers = [...new Set(living.map(({ ownerPersonId }) => ownerPersonId))]
    for (const payer of payers) {
      const place = (await noticePlaceOf(transaction, payer, platform)) ?? (await opened(transaction, platform, payer))
      if (!place) {
        log.warn({ workspaceId: workspace.id }, 'who pays for what we left behind in a group has no private chat with us')
        continue
      }
      await notices.post(transaction, {
        ...place,
        language: localiser.nearest(place.language),
        view: groupLeftView(
          workspace,
          living.filter(({ ownerPersonId }) => ownerPersonId === payer),
        ),
        place: 'new',
      })
    }
    return payers.length
  }

  /** A private chat with somebody who never wrote to us in one, where the platform lets us open it. */
  async function opened(transaction: PrismaTransaction, platform: string, personId: string): Promise<NoticePlace | null> {
    const identity = await transaction.identity.findFirst({ where: { personId, platform }, include: { person: true } })
    if (!identity) return null
    const chatId = await platforms
      .get(platform)
      ?.privateChat(identity.externalId)
      .catch((error: unknown) => {
        log.warn({ error, platform }, 'a private chat could not be opened')
        return null
      })
    if (!chatId) return null
    return { platform, chatId, userId: identity.externalId, language: identity.person.language ?? identity.locale }
  }
}

/** What runs on, what it costs, and the ways to go on. */
export function groupLeftView(workspace: Pick<Workspace, 'id' | 'title'>, living: readonly Left[]): View {
  return view(
    `group-left:${workspace.id}`,
    [
      title(workspace.title === null ? t('group-left-title-unnamed') : t('group-left-title', { group: workspace.title })),
      paragraph(t('group-left-text')),
      fields(
        ...living.map(
          ({ name, state, plan }) =>
            [
              literal(name),
              t('group-left-assistant', {
                state: { text: t(`instance-state-${state}`) },
                price: { cents: plan.priceCents, currency: plan.currency },
              }),
            ] as const,
        ),
      ),
      note(t('group-left-choice')),
      buttons(button(t('group-left-adopt'), press('access.adopt', { workspaceId: workspace.id }, { once: true }), 'primary')),
    ],
    { tone: 'warning', visibility: 'private' },
  )
}
