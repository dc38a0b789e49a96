import { button, buttons, fields, literal, note, press, t, title, view } from '../chat/build.ts'
import type { Text, Tone, View } from '../chat/view.ts'
import {
  type KeySummary,
  keyOfInstance,
  keyStateLink,
  keyStateText,
  keyStateWord,
  keyTone,
  PROVIDER_FACTS,
  UNDO_MINUTES,
  usageLink,
} from '../keys/index.ts'
import { isOwnKey, type Source, sourceOf } from '../models/index.ts'
import type { Services } from '../services.ts'

export type KeyCard = {
  readonly id: string
  readonly name: string
  readonly source: Source
  /** Null with managed credit, and when it is gone. */
  readonly key: KeySummary | null
  /** Free models behind a backup key; null without one. */
  readonly backup: readonly string[] | null
  /** The change of source that can still be undone. */
  readonly undo: string | null
}

export const keyViewId = (instanceId: string): string => `key:${instanceId}`

/** How an assistant's AI is paid, in a word. */
export const sourceName = (source: Source): Text =>
  source === 'managed' ? t('source-name-managed') : t('source-name-own', { provider: PROVIDER_FACTS[source].name })

/** Null if there is no such instance. */
export async function readKeyCard(services: Pick<Services, 'database' | 'clock'>, instanceId: string): Promise<KeyCard | null> {
  const prisma = await services.database.prisma()
  const instance = await prisma.instance.findUnique({ where: { id: instanceId } })
  if (!instance) return null
  const source = sourceOf(instance.source)
  return {
    id: instance.id,
    name: instance.name,
    source,
    key: isOwnKey(source) ? await keyOfInstance(services, instanceId) : null,
    backup: instance.backupKeySealed === null ? null : instance.fallbackModels.filter((id) => id.endsWith(':free')),
    undo: (await undoableChange(services, instanceId))?.id ?? null,
  }
}

/** The last change of source, while it can be undone: for ten minutes, and only once. */
export async function undoableChange(services: Pick<Services, 'database' | 'clock'>, instanceId: string) {
  const prisma = await services.database.prisma()
  const last = await prisma.operation.findFirst({
    where: { instanceId, kind: 'change-source', state: 'succeeded' },
    orderBy: { finishedAt: 'desc' },
  })
  const since = services.clock.now().getTime() - UNDO_MINUTES * 60_000
  return last?.finishedAt && last.finishedAt.getTime() > since ? last : null
}

/** Provider, end of the key, since when, how it is; and what can be done about it. */
export function keyCardView(card: KeyCard, { isChecking = false }: { isChecking?: boolean } = {}): View {
  const { key, source, backup } = card
  const own = isOwnKey(source)
  const args = { instanceId: card.id }
  const shown = key && isChecking ? { ...key, state: 'unchecked' as const } : key
  const tone: Tone = shown ? keyTone(shown.state) : own ? 'danger' : 'info'
  return view(
    keyViewId(card.id),
    [
      title(t('key-title', { name: card.name })),
      fields(
        ...(shown
          ? [
              [t('key-card-provider'), literal(PROVIDER_FACTS[shown.provider].name)] as const,
              [t('key-card-key'), t('key-card-key-value', { last4: shown.last4 })] as const,
              [t('key-card-added'), t('date-day', { date: { date: shown.addedAt.toISOString() } })] as const,
              [
                t('key-card-checked'),
                shown.checkedAt
                  ? t('date-minute', { date: { date: shown.checkedAt.toISOString(), style: 'minute' } })
                  : t('key-card-never'),
              ] as const,
              [t('key-card-state'), keyStateWord(shown.state)] as const,
            ]
          : [!own && ([t('key-field'), t('key-card-managed')] as const)]),
        backup !== null && [t('key-card-backup'), t('key-card-backup-value', { models: backup.join(', ') })],
      ),
      own && shown === null && note(t('key-card-missing')),
      shown !== null && shown.state !== 'valid' && note(keyStateText(shown)),
      shown !== null && keyStateLink(shown),
      shown !== null && usageLink(shown.provider),
      buttons(
        shown !== null && !isChecking && button(t('key-button-check'), press('key.check', args)),
        own && button(t('key-button-replace'), press('key.replace', args)),
        button(t('key-button-change'), press('key.change', args)),
        card.undo !== null &&
          button(t('key-button-undo'), press('key.undo', { ...args, operationId: card.undo }, { once: true })),
        backup === null
          ? button(t('key-button-backup-on'), press('key.backup', { ...args, on: true }, { once: true }), 'quiet')
          : button(t('key-button-backup-off'), press('key.backup', { ...args, on: false }, { once: true }), 'quiet'),
      ),
    ],
    { tone },
  )
}
