import type { Chart } from '../../../core/chat/view.ts'
import { wordsFor } from '../../../core/credits/draw-chart.ts'
import { usageChart } from '../../../core/credits/usage-chart.ts'
import { localiser } from './painter.ts'

/** The platforms get a PNG drawn with fonts of ours; in a browser their names mean nothing. */
const FONTS =
  '<style>text{font-family:Inter,system-ui,"Noto Sans SC","PingFang SC",sans-serif;font-weight:500}text[font-family]{font-weight:600}</style>'

/** The picture a message carries, as an address that needs no file. The SVG and not its PNG: text is the same on every machine. */
export function chartAddress(chart: Chart): string {
  const svg = usageChart(chart, wordsFor(chart, localiser)).replace(/^<svg[^>]*>/, (opening) => opening + FONTS)
  return `data:image/svg+xml,${encodeURIComponent(svg)}`
}
