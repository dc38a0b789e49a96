import type { DailyUsage } from '../chat/view.ts'
import type { CreditRow, CumulativeDay } from './readings.ts'

const DAY_MS = 86_400_000
/** What the chart and the figures look back on. */
const METER_DAYS = 30
/** Long enough to even out weekends, short enough to notice a change of habit. */
const PACE_DAYS = 7

/** An instance's credit in its present billing cycle. Amounts in micro-dollars. */
export type Meter = {
  readonly spentMicros: number
  readonly allowanceMicros: number
  /** Never below 0, though the last answers may overshoot the limit a little. */
  readonly leftMicros: number
  /** Spent of the allowance, 0 to 1 and a little above. */
  readonly share: number
  readonly cycleEndsAt: Date | null
  /** When the provider last told the usage; null if it never did. */
  readonly readAt: Date | null
  /** Read from the provider just now; otherwise the figures are those of `readAt`. */
  readonly fresh: boolean
  /** The last 30 UTC days, oldest first, today last. */
  readonly days: readonly DailyUsage[]
  /** At the pace of the last week; null while nothing is spent. */
  readonly daysLeft: number | null
}

const dayOf = (date: Date): string => date.toISOString().slice(0, 10)
export const firstMeterDay = (now: Date): string => dayOf(new Date(now.getTime() - (METER_DAYS - 1) * DAY_MS))

export function meterOf(row: CreditRow, cumulative: readonly CumulativeDay[], now: Date, fresh: boolean): Meter {
  const spentMicros = Math.max(0, row.usageMicros - row.baselineMicros)
  const leftMicros = Math.max(0, row.allowanceMicros - spentMicros)
  const days = dailyUsage(cumulative, now)
  const pace = microsPerDay(days, row.cycleStartedAt ?? row.createdAt, now)
  return {
    spentMicros,
    allowanceMicros: row.allowanceMicros,
    leftMicros,
    share: row.allowanceMicros > 0 ? spentMicros / row.allowanceMicros : spentMicros > 0 ? 1 : 0,
    cycleEndsAt: row.cycleEndsAt,
    readAt: row.usageReadAt,
    fresh,
    days,
    daysLeft: pace > 0 ? leftMicros / pace : null,
  }
}

/** Differences of the cumulative readings. What was used on days without a reading appears on the next day that has one. */
function dailyUsage(cumulative: readonly CumulativeDay[], now: Date): readonly DailyUsage[] {
  const used = new Map<string, number>()
  let before = 0
  for (const { date, usageMicros } of cumulative) {
    // Less than before: another sub-key, which counts from zero.
    used.set(date, usageMicros >= before ? usageMicros - before : usageMicros)
    before = usageMicros
  }
  return Array.from({ length: METER_DAYS }, (_, index) => {
    const date = dayOf(new Date(now.getTime() - (METER_DAYS - 1 - index) * DAY_MS))
    return { date, micros: used.get(date) ?? 0 }
  })
}

/** Over the last week, or the cycle if it is younger; at least a day, or the first hour would look like a habit. */
function microsPerDay(days: readonly DailyUsage[], cycleStart: Date, now: Date): number {
  const today = dayOf(now)
  const weekStart = Date.parse(today) - (PACE_DAYS - 1) * DAY_MS
  const start = Math.max(weekStart, Date.parse(dayOf(cycleStart)))
  const spent = days.reduce((sum, day) => (Date.parse(day.date) >= start ? sum + day.micros : sum), 0)
  return spent / Math.max(1, (now.getTime() - start) / DAY_MS)
}
