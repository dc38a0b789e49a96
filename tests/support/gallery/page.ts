import { type Html, markup, trusted } from '../../../bots/web/markup.ts'
import { ICON } from '../../../bots/web/page.ts'
import { localise } from '../../../core/chat/localise.ts'
import type { View } from '../../../core/chat/view.ts'
import type { Language } from '../../../core/i18n/index.ts'
import { fitScreen, type Screen } from '../render-goldens.ts'
import { discord } from './discord.ts'
import { feishu } from './feishu.ts'
import { localiser, type Painter, styleSheet } from './painter.ts'
import { type Section, sectionsOf } from './sections.ts'
import { telegram } from './telegram.ts'
import { web } from './web.ts'

const PAINTERS: readonly Painter[] = [telegram, discord, feishu, web]

const WORDS = {
  en: {
    title: 'ClawCloud: every screen on every platform',
    heading: 'Every screen, on every platform',
    lead: 'The same conversation as each platform shows it. These pictures are drawn from the very messages that are sent, in the test that keeps them: what you see here is what a customer gets.',
    other: '中文',
    otherPage: 'screens.zh.html',
    show: 'Show',
    all: 'all side by side',
    contents: 'Screens',
    private: 'only for the person who asked',
    top: 'Back to the list',
  },
  zh: {
    title: 'ClawCloud：每个平台上的每个界面',
    heading: '每个平台上的每个界面',
    lead: '同一段对话在各个平台上的样子。这些图由测试根据实际发送的消息绘制并逐一核对：您在这里看到的，就是客户收到的。',
    other: 'English',
    otherPage: 'screens.html',
    show: '显示',
    all: '全部并排',
    contents: '界面',
    private: '仅提问者可见',
    top: '回到列表',
  },
} as const

/** docs/screens.html (or its Chinese twin): one document that needs no script, no other file and no network. */
export function galleryPage(screens: readonly Screen[], language: Language): string {
  const words = WORDS[language]
  const sections = sectionsOf(screens)
  const style = [styleSheet('page'), ICON_STYLE, filterStyle(), ...PAINTERS.map((painter) => painter.style)].join('\n')
  return markup`<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${words.title}</title>
<style>
${trusted(style)}</style>
</head>
<body>
<header class="top">
<h1>${words.heading}</h1>
<p class="lead">${words.lead} <a class="twin" href="${words.otherPage}" lang="${language === 'zh' ? 'en' : 'zh-CN'}">${words.other}</a></p>
</header>
<fieldset class="filter"><legend>${words.show}</legend>
<label><input type="radio" name="platform" id="show-all" checked> ${words.all}</label>
${PAINTERS.map(({ id, name }) => markup`<label><input type="radio" name="platform" id="show-${id}"> ${name[language]}</label>\n`)}</fieldset>
<nav id="list" aria-label="${words.contents}">
${sections.map((section) => contents(section, language))}</nav>
<main>
${sections.map((section) => drawSection(section, language))}</main>
</body>
</html>
`.html
}

/** The service's own picture beside its messages, once for all of them. */
const ICON_STYLE = `.avatar { background: url("data:image/svg+xml,${encodeURIComponent(ICON)}") center / contain no-repeat; }\n`

/** Radio buttons that need no script: the page holds all, and the chosen one hides the rest. */
const filterStyle = (): string =>
  PAINTERS.map(({ id }) => `body:has(#show-${id}:checked) .cell:not(.${id}) { display: none; }\n`).join('')

function contents(section: Section, language: Language): Html {
  const titles = section.screens.map(({ name, view }) => titleOf(view, name, language))
  const isShared = (title: string) => titles.filter((other) => other === title).length > 1
  return markup`<section><h2><a href="#${section.id}">${section.title[language]}</a></h2>
<ul>${section.screens.map(({ name }, index) => {
    const title = titles[index] ?? name
    return markup`<li><a href="#${name}">${title}${isShared(title) && markup` <code>${name}</code>`}</a></li>\n`
  })}</ul></section>
`
}

const drawSection = (section: Section, language: Language): Html => markup`<section class="topic" id="${section.id}">
<h2>${section.title[language]}<a class="up" href="#list">${WORDS[language].top}</a></h2>
${section.screens.map((screen) => drawScreen(screen, language))}</section>
`

function drawScreen({ name, view }: Screen, language: Language): Html {
  const title = titleOf(view, name, language)
  return markup`<article class="screen" id="${name}">
<h3><a href="#${name}" dir="auto">${title}</a><code>${name}</code>${view.visibility !== 'everyone' && markup`<span class="private">${WORDS[language].private}</span>`}</h3>
<div class="row" role="group" aria-label="${title}" tabindex="0">
${PAINTERS.map((painter) => cell(painter, view, name, language))}</div></article>
`
}

function cell(painter: Painter, view: View, name: string, language: Language): Html {
  const forOne = view.visibility !== 'everyone' && painter.capabilities.onlyYou === 'native'
  const letters = fitScreen(view, painter.capabilities, language).map((message) => ({
    tone: view.tone,
    message,
    isPrivate: view.visibility !== 'everyone',
    ...(forOne && { onlyFor: 'ann' }),
  }))
  return markup`<figure class="cell ${painter.id}"><figcaption>${painter.name[language]}</figcaption>
<div class="stage">${letters.map((letter, index) => painter.paint(letter, { id: `${name}-${index}`, language }))}</div></figure>
`
}

/** A screen is called what it says first. */
function titleOf(view: View, name: string, language: Language): string {
  for (const block of localise(view, localiser, language).blocks) {
    if (block.kind === 'title' || block.kind === 'text' || block.kind === 'note') return cut(block.text)
    if (block.kind === 'file' && block.caption !== undefined) return cut(block.caption)
  }
  return name
}

/** About a line of the list of contents. */
const TITLE_CHARACTERS = 60

function cut(text: string): string {
  const [first = ''] = text.split('\n')
  const characters = [...first]
  return characters.length <= TITLE_CHARACTERS
    ? first
    : `${characters
        .slice(0, TITLE_CHARACTERS - 1)
        .join('')
        .trimEnd()}…`
}
