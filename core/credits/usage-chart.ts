import type { Chart } from '../chat/view.ts'

/** The words in the picture, already in the reader's language. */
export type ChartWords = {
  /** What the dashed line means: `$0.27 a day lasts the month`. */
  readonly pace: string
  readonly today: string
  /** Shown instead of bars while nothing was used. */
  readonly empty: string
}

/** What may be spent a day, evenly, so that the allowance lasts the month; micro-dollars, 0 without an allowance. */
export const paceMicros = (chart: Chart): number => Math.max(0, chart.allowanceMicros) / DAYS_OF_A_MONTH

const DAYS_OF_A_MONTH = 30
const MICROS_PER_USD = 1_000_000

// On a phone the picture is about 340 points wide, a third of its pixels: 30 pixels are read as 10 points.
const WIDTH = 1000
const HEIGHT = 600
const TEXT = 30
const PLOT = { left: 128, right: 956, top: 112, bottom: 516 }
const COLOURS = {
  paper: '#ffffff',
  grid: '#e8eaf1',
  ground: '#c3c8d6',
  text: '#6a7186',
  strong: '#22263a',
  bar: '#aab4fb',
  barOver: '#f7b267',
  today: '#4f5bd5',
  todayOver: '#ee7b30',
  pace: '#12a150',
}
/** Fewer days are drawn as wide as in a week, not as one slab. */
const FEWEST_SLOTS = 7
const BAR_SHARE = 0.66
const WIDEST_BAR = 64
/** So that a day of a hundredth of a cent is seen as used. */
const LOWEST_BAR = 5
const DAYS_BETWEEN_LABELS = 7
const LONGEST_TICKS = 5
/** Below it the axis would count in fractions of a cent. */
const LEAST_TOP_MICROS = 50_000
/** Half the width of an amount above a bar. */
const AMOUNT_REACH = 58
/** The outermost labels stay inside the picture. */
const EDGE = 66

/**
 * Daily use as an SVG of 1000x600: a bar a day, what is above an even pace in a warmer colour, today in full colour.
 * Pure. Text uses only digits, Latin and the words given.
 */
export function usageChart(chart: Chart, words: ChartWords): string {
  const { days } = chart
  const pace = paceMicros(chart)
  const peak = days.reduce((most, day) => Math.max(most, day.micros), 0)
  const scale = axis(peak, pace)
  const y = (micros: number) => PLOT.bottom - ((PLOT.bottom - PLOT.top) * micros) / scale.top
  const slots = Math.max(days.length, FEWEST_SLOTS)
  const slot = (PLOT.right - PLOT.left) / slots
  const barWidth = Math.min(slot * BAR_SHARE, WIDEST_BAR)
  const centre = (index: number) => PLOT.left + slot * (slots - days.length + index + 0.5)
  const last = days.length - 1
  const barTop = (index: number) => Math.min(y(days[index]?.micros ?? 0), PLOT.bottom - LOWEST_BAR)
  const paceShown = pace > 0 && pace <= scale.top

  const grid = scale.ticks.map(
    (tick) =>
      line(PLOT.left, PLOT.right, y(tick), tick === 0 ? COLOURS.ground : COLOURS.grid, 2) +
      text(PLOT.left - 18, y(tick) + TEXT * 0.36, scale.label(tick), { anchor: 'end' }),
  )
  const bars = days.map((day, index) => {
    if (day.micros <= 0) return ''
    return bar(centre(index), barWidth, barTop(index), index === last ? 'today' : 'bar')
  })
  const labels = days.map((day, index) => {
    if ((last - index) % DAYS_BETWEEN_LABELS !== 0) return ''
    const isToday = index === last
    const x = Math.min(centre(index), WIDTH - EDGE)
    return text(x, PLOT.bottom + 50, isToday ? words.today : shortDay(day.date, chart.language), {
      anchor: 'middle',
      strong: isToday,
    })
  })
  const paceLine = paceShown
    ? `<line x1="${PLOT.left}" x2="${PLOT.right}" y1="${round(y(pace))}" y2="${round(y(pace))}" ${DASHES}/>`
    : ''

  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="Inter Medium, Noto Sans SC Medium" font-size="${TEXT}">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="${COLOURS.paper}"/>`,
    gradient('bar', COLOURS.bar, COLOURS.barOver, paceShown ? y(pace) : null),
    gradient('today', COLOURS.today, COLOURS.todayOver, paceShown ? y(pace) : null),
    ...grid,
    ...bars,
    paceLine,
    ...labels,
    pace > 0 ? legend(words.pace, paceShown) : '',
    peak === 0
      ? text((PLOT.left + PLOT.right) / 2, (PLOT.top + PLOT.bottom) / 2, words.empty, { anchor: 'middle', halo: true })
      : '',
    ...valueLabels(),
    '</svg>',
  ].join('')

  /** Today's and the highest day's amounts, above their bars, unless they would touch. */
  function valueLabels(): string[] {
    const highest = days.findIndex((day) => day.micros === peak)
    const marked = [...new Set([last, highest])].filter((index) => (days[index]?.micros ?? 0) > 0)
    const crowded = marked.length === 2 && Math.abs(centre(last) - centre(highest)) < 140
    return (crowded ? marked.slice(0, 1) : marked).map((index) => {
      const x = Math.min(Math.max(centre(index), PLOT.left + EDGE), WIDTH - EDGE)
      // Above the neighbours as well, or it would stand on their bars.
      const beneath = days.map((_, other) => other).filter((other) => Math.abs(centre(other) - x) < AMOUNT_REACH + barWidth / 2)
      const top = Math.min(...beneath.map(barTop))
      return text(x, top - 14, dollars(days[index]?.micros ?? 0), { anchor: 'middle', strong: true, halo: true })
    })
  }
}

const DASHES = `stroke="${COLOURS.pace}" stroke-width="4" stroke-dasharray="4 12" stroke-linecap="round"`

function legend(words: string, withLine: boolean): string {
  const y = 48
  const dashes = withLine ? `<line x1="${PLOT.left + 2}" x2="${PLOT.left + 62}" y1="${y}" y2="${y}" ${DASHES}/>` : ''
  return dashes + text(PLOT.left + (withLine ? 82 : 0), y + TEXT * 0.36, words, { anchor: 'start' })
}

/** One colour up to the pace and another above it, with a sharp edge; a single colour where the pace is out of sight. */
function gradient(id: string, colour: string, over: string, paceY: number | null): string {
  const share = paceY === null ? 0 : round((paceY - PLOT.top) / (PLOT.bottom - PLOT.top), 4)
  const stops = [
    [0, over],
    [share, over],
    [share, colour],
    [1, colour],
  ].map(([offset, stop]) => `<stop offset="${offset}" stop-color="${stop}"/>`)
  return `<linearGradient id="${id}" gradientUnits="userSpaceOnUse" x1="0" x2="0" y1="${PLOT.top}" y2="${PLOT.bottom}">${stops.join('')}</linearGradient>`
}

/** Rounded at the top, standing on the ground line. */
function bar(centre: number, width: number, top: number, fill: 'bar' | 'today'): string {
  const radius = Math.min(width / 2, 10, PLOT.bottom - top)
  const [left, right] = [round(centre - width / 2), round(centre + width / 2)]
  const [flat, shoulder] = [round(top), round(top + radius)]
  const outline = `M${left} ${PLOT.bottom}V${shoulder}Q${left} ${flat} ${round(left + radius)} ${flat}H${round(right - radius)}Q${right} ${flat} ${right} ${shoulder}V${PLOT.bottom}Z`
  return `<path d="${outline}" fill="url(#${fill})"/>`
}

type Axis = { readonly top: number; readonly ticks: readonly number[]; readonly label: (micros: number) => string }

/**
 * Round steps of 1, 2, 2.5 or 5. The pace is kept in view unless the days are so small beside it that they would vanish.
 */
function axis(peakMicros: number, pace: number): Axis {
  const wanted = Math.max(
    peakMicros * 1.12,
    Math.min(pace * 1.15, peakMicros > 0 ? peakMicros * 4 : pace * 1.15),
    LEAST_TOP_MICROS,
  )
  const rough = wanted / LONGEST_TICKS
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power
  const count = Math.ceil(wanted / step - 1e-9)
  const ticks = Array.from({ length: count + 1 }, (_, index) => index * step)
  const decimals = Math.max(0, decimalsOf(step / MICROS_PER_USD))
  return {
    top: count * step,
    ticks,
    label: (micros) => (micros === 0 ? '$0' : `$${(micros / MICROS_PER_USD).toFixed(decimals)}`),
  }
}

/** Cents as soon as there is a fraction at all: $0.50 and not $0.5. */
function decimalsOf(step: number): number {
  if (Number.isInteger(step)) return 0
  for (let decimals = 2; decimals < 6; decimals++)
    if (Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) < 1e-6) return decimals
  return 6
}

const dollars = (micros: number): string => (micros < 10_000 ? '<$0.01' : `$${(micros / MICROS_PER_USD).toFixed(2)}`)

function shortDay(date: string, language: string): string {
  const chinese = language.startsWith('zh')
  const format = new Intl.DateTimeFormat(chinese ? 'zh-CN' : 'en-GB', {
    day: 'numeric',
    month: chinese ? 'numeric' : 'short',
    timeZone: 'UTC',
  })
  return format.format(new Date(`${date}T00:00:00Z`))
}

function line(x1: number, x2: number, y: number, colour: string, width: number): string {
  return `<line x1="${x1}" x2="${x2}" y1="${round(y)}" y2="${round(y)}" stroke="${colour}" stroke-width="${width}"/>`
}

function text(
  x: number,
  y: number,
  words: string,
  style: { anchor: 'start' | 'middle' | 'end'; strong?: boolean; halo?: boolean },
): string {
  const weight = style.strong
    ? ` font-family="Inter SemiBold, Noto Sans SC SemiBold" fill="${COLOURS.strong}"`
    : ` fill="${COLOURS.text}"`
  const halo = style.halo ? ` stroke="${COLOURS.paper}" stroke-width="8" stroke-linejoin="round" paint-order="stroke"` : ''
  return `<text x="${round(x)}" y="${round(y)}" text-anchor="${style.anchor}"${weight}${halo}>${escapeXml(words)}</text>`
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escapeXml = (words: string) => words.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? character)
const round = (value: number, decimals = 1) => Math.round(value * 10 ** decimals) / 10 ** decimals
