import { feishuCapabilities } from '../../../bots/feishu/capabilities.ts'
import { render } from '../../../bots/feishu/render.ts'
import { type Html, markup } from '../../../bots/web/markup.ts'
import type { FittedMessage } from '../../../core/chat/fit.ts'
import { chartAddress } from './chart.ts'
import { drawCard } from './feishu-card.ts'
import { BRAND, type Painter, styleSheet } from './painter.ts'

const PRIVATE = { kind: 'private', openId: 'ou_ann' } as const
const GROUP = { kind: 'group', chatId: 'oc_team' } as const
/** What Feishu calls an uploaded picture. */
const IMAGE_KEY = 'img_v3_chart'
const ROBOT = { en: 'Bot', zh: '机器人' } as const

export const feishu: Painter = {
  id: 'feishu',
  name: { en: 'Feishu / Lark', zh: '飞书' },
  capabilities: feishuCapabilities,
  style: styleSheet('feishu'),

  paint({ tone, message, isPrivate }, { language }) {
    const { image, file } = message
    const sealed = render({ tone, message, place: isPrivate ? PRIVATE : GROUP, imageKey: image ? IMAGE_KEY : null })
    if (!sealed.ok) throw new Error(`Feishu would refuse this card: ${sealed.reason}`)
    const pictures = new Map(image ? [[IMAGE_KEY, chartAddress(image.chart)]] : [])
    return markup`<div class="letter"><div class="avatar"></div><div class="author">${BRAND}<b>${ROBOT[language]}</b></div>
${drawCard(JSON.parse(sealed.content), pictures)}${file && attached(file)}</div>`
  },
}

const attached = ({ name, content }: NonNullable<FittedMessage['file']>): Html =>
  markup`<div class="file"><i></i><div><b>${name}</b><span>${Buffer.byteLength(content)} B</span></div></div>`
