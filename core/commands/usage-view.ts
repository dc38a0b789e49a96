import { button, buttons, fields, note, t, title, view } from '../chat/build.ts'
import type { Tone, View } from '../chat/view.ts'
import type { Meter } from '../credits/index.ts'
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
          meter.share < 1 && [t('usage-forecast'), t('usage-forecast-value', { days: Math.floor(meter.daysLeft) })],
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
