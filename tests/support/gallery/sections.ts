import type { Language } from '../../../core/i18n/index.ts'
import type { Screen } from '../render-goldens.ts'

type Title = Readonly<Record<Language, string>>
export type Section = { readonly id: string; readonly title: Title; readonly screens: readonly Screen[] }

/** What the first word of a screen's name is about, in the order a customer comes to it. */
const TOPICS: readonly { readonly title: Title; readonly words: readonly string[] }[] = [
  { title: { en: 'First steps', zh: '开始' }, words: ['welcome', 'help', 'language', 'cancel'] },
  { title: { en: 'Getting an assistant', zh: '获取助手' }, words: ['deploy'] },
  { title: { en: 'Paying', zh: '付款' }, words: ['order'] },
  { title: { en: 'Talking to it', zh: '提问' }, words: ['ask'] },
  { title: { en: 'Usage', zh: '用量' }, words: ['usage'] },
  { title: { en: 'Changing the model', zh: '更换模型' }, words: ['model'] },
  {
    title: { en: 'Its own bots: Telegram, Discord, Feishu', zh: '自己的机器人：Telegram、Discord、飞书' },
    words: ['connect', 'disconnect', 'people', 'pairing', 'channel'],
  },
  { title: { en: 'How it is doing', zh: '状态' }, words: ['instances', 'status', 'crash', 'logs'] },
  { title: { en: 'Restarting and deleting', zh: '重启与删除' }, words: ['restart', 'destroy'] },
  { title: { en: 'Groups: who may do what', zh: '群组与权限' }, words: ['access', 'audit', 'group'] },
  { title: { en: 'One account, several platforms', zh: '多平台账号' }, words: ['link', 'unlink'] },
]
const OTHERS: Title = { en: 'More', zh: '其他' }

const topicOf = ({ name }: Screen) => TOPICS.find(({ words }) => words.includes(name.split('-')[0] ?? ''))

/** Every screen in one of the sections; those of a topic that is not in the list come last. */
export function sectionsOf(screens: readonly Screen[]): readonly Section[] {
  const sections = TOPICS.map((topic, index) => ({
    id: `topic-${index + 1}`,
    title: topic.title,
    screens: screens.filter((screen) => topicOf(screen) === topic),
  }))
  const others = screens.filter((screen) => !topicOf(screen))
  return [...sections, { id: 'topic-more', title: OTHERS, screens: others }].filter((section) => section.screens.length > 0)
}
