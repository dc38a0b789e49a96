import { button, buttons, fields, note, paragraph, t, title, view } from '../chat/build.ts'
import type { Text, Tone, View } from '../chat/view.ts'
import type { Meter } from '../credits/index.ts'
import { type KeySummary, PROVIDER_FACTS, usageLink } from '../keys/index.ts'
import type { Provider } from '../models/index.ts'
import { commandPress } from './instances.ts'

/** From here on a cheaper model is worth a thought. */
const HIGH_SHARE = 0.75
/** The last of the credit: answers may stop any moment. */
const LAST_SHARE = 0.95

const toneOf = (share: number): Tone => (share >= 1 ? 'danger' : share > LAST_SHARE ? 'warning' : 'info')

/** Spent and left as a bar and figures, when it resets, and a picture of the daily use. */
export function usageView(
  instance: { readonly id: string; readonly name: string },
  meter: Meter,
  reader: { language: string; now: Date; mayChange: boolean },
): View {
  const ageMinutes = meter.readAt ? Math.round((reader.now.getTime() - meter.readAt.getTime()) / 60_000) : null
  return view(
    `usage:${instance.id}`,
    [
      title(t('usage-title', { name: instance.name })),
      { kind: 'bar', share: meter.share, caption: t('usage-bar', { percent: Math.round(meter.share * 100) }) },
      fields(
        [
          t('usage-spent'),
          t('usage-spent-value', { spent: { micros: meter.spentMicros }, allowance: { micros: meter.allowanceMicros } }),
        ],
        [t('usage-left'), t('usage-left-value', { left: { micros: meter.leftMicros } })],
        meter.cycleEndsAt !== null && [t('usage-resets'), t('date-day', { date: { date: meter.cycleEndsAt.toISOString() } })],
        // Of what is used up there is nothing to foretell.
        meter.daysLeft !== null &&
          meter.share < 1 && [t('usage-forecast'), forecast(meter.daysLeft, meter.cycleEndsAt, reader.now)],
      ),
      meter.share >= 1 && note(t('usage-used-up')),
      !meter.fresh && note(ageMinutes === null ? t('usage-never-read') : t('usage-stale', { minutes: ageMinutes })),
      meter.days.length > 0 && {
        kind: 'image',
        chart: { kind: 'daily-usage', days: meter.days, allowanceMicros: meter.allowanceMicros, language: reader.language },
        alt: t('usage-chart-alt', { days: meter.days.length, spent: { micros: meter.spentMicros } }),
      },
      reader.mayChange &&
        buttons(
          button(t('button-refresh'), commandPress('usage', instance)),
          button(t(meter.share > HIGH_SHARE ? 'button-cheaper-model' : 'button-model'), commandPress('model', instance)),
        ),
    ],
    { tone: toneOf(meter.share) },
  )
}

const DAY_MS = 86_400_000

/** What is left renews with the cycle: a pace that leaves some over is enough, however many days it would last. */
function forecast(daysLeft: number, cycleEndsAt: Date | null, now: Date): Text {
  const enough = cycleEndsAt !== null && now.getTime() + daysLeft * DAY_MS >= cycleEndsAt.getTime()
  return enough ? t('usage-forecast-enough') : t('usage-forecast-value', { days: Math.floor(daysLeft) })
}

/** With a key of the customer's own there is no credit to show: what is used is on the provider's bill. */
export function ownUsageView(
  instance: { readonly id: string; readonly name: string },
  provider: Provider,
  key: KeySummary | null,
): View {
  const { name } = PROVIDER_FACTS[provider]
  return view(
    `usage:${instance.id}`,
    [
      title(t('usage-own-title', { name: instance.name })),
      paragraph(
        key === null ? t('usage-own-missing', { provider: name }) : t('usage-own-text', { provider: name, last4: key.last4 }),
      ),
      usageLink(provider),
      buttons(button(t('button-key'), commandPress('key', instance)), button(t('button-model'), commandPress('model', instance))),
    ],
    { tone: key === null ? 'danger' : 'info' },
  )
}
