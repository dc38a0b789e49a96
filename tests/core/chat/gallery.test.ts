import { describe, expect, it } from 'vitest'
import { attribute, elements, parseFragment, textOf } from '../../bots/web/fragment.ts'
import { Component, drawComponent } from '../../support/gallery/discord-components.ts'
import { discordText } from '../../support/gallery/discord-text.ts'
import { drawCard } from '../../support/gallery/feishu-card.ts'
import { galleryPage } from '../../support/gallery/page.ts'
import { drawTelegram } from '../../support/gallery/telegram.ts'
import { allScreens } from '../../support/screens.ts'

describe('the page of all screens', () => {
  it('is well formed, and needs no script, no other file and no network', async () => {
    const page = galleryPage(await allScreens(), 'en')
    const nodes = [...elements(parseFragment(page.slice(page.indexOf('<body>'), page.indexOf('</html>'))))]
    expect(nodes.filter(({ name }) => ['script', 'link', 'iframe', 'object'].includes(name))).toEqual([])
    const addresses = nodes.flatMap((node) => ['src', 'srcset', 'poster'].map((name) => attribute(node, name))).filter(Boolean)
    expect(addresses.filter((address) => !address.startsWith('data:'))).toEqual([])
    // Of a picture's own parts, its fills are addressed with an encoded "#".
    expect([...page.matchAll(/@import|url\((?!"?data:|%23).{0,80}/g)].map(([found]) => found)).toEqual([])
    const ids = nodes.map((node) => attribute(node, 'id')).filter(Boolean)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
  })

  it('leads from its list to every screen', async () => {
    const screens = await allScreens()
    const page = galleryPage(screens, 'zh')
    const nodes = [...elements(parseFragment(page.slice(page.indexOf('<body>'), page.indexOf('</html>'))))]
    const ids = new Set(nodes.map((node) => attribute(node, 'id')))
    for (const { name } of screens) expect(ids).toContain(name)
    const targets = nodes.map((node) => attribute(node, 'href')).filter((href) => href.startsWith('#'))
    expect(targets.filter((href) => !ids.has(href.slice(1)))).toEqual([])
  })
})

describe('a picture is refused rather than drawn with a gap', () => {
  it('for a Telegram entity or button it can not draw', () => {
    const native = { text: 'Ann', entities: [], keyboard: [] }
    expect(() => drawTelegram(native, {})).not.toThrow()
    expect(() => drawTelegram({ ...native, entities: [{ type: 'spoiler', offset: 0, length: 3 }] }, {})).toThrow()
    expect(() => drawTelegram({ ...native, keyboard: [[{ text: 'Pay', pay: true }]] }, {})).toThrow()
  })

  it('for a Discord component it can not draw, or a file that does not come along', () => {
    const text = { type: 10, content: 'Hello' }
    expect(Component.safeParse({ type: 17, components: [text] }).success).toBe(true)
    expect(Component.safeParse({ type: 17, components: [{ type: 19 }] }).success).toBe(false)
    expect(Component.safeParse({ ...text, spoiler: true }).success).toBe(false)
    const missing = Component.parse({ type: 13, file: { url: 'attachment://a.log' } })
    expect(() => drawComponent(missing, new Map())).toThrow('a.log')
  })

  it('for a part of a Feishu card it can not draw, or a picture that was not uploaded', () => {
    const text = { tag: 'div', text: { tag: 'plain_text', content: 'Hello' } }
    const card = (...elements: object[]) => ({
      schema: '2.0',
      config: { update_multi: true, summary: { content: '' } },
      body: { elements },
    })
    expect(() => drawCard(card(text), new Map())).not.toThrow()
    expect(() => drawCard(card({ tag: 'chart' }), new Map())).toThrow()
    expect(() => drawCard(card({ ...text, icon: {} }), new Map())).toThrow()
    expect(() => drawCard(card({ tag: 'img', img_key: 'img_1', alt: text.text }), new Map())).toThrow('img_1')
  })

  it.each(['@everyone', '<@42>', '<@&42>', '<#42>', '<t:0:R>', '||hidden||', 'a <:smile:42>'])(
    'for text that pings or hides on Discord: %s',
    (text) => {
      expect(() => discordText(text)).toThrow('Discord would')
    },
  )
})

describe("Discord's markdown", () => {
  const html = (text: string) =>
    discordText(text)
      .map((piece) => piece.html)
      .join('')

  it.each([
    ['**Plan** Lite', '<div dir="auto"><b>Plan</b> Lite</div>'],
    ['**Plan _a_**', '<div dir="auto"><b>Plan <em>a</em></b></div>'],
    ['\\*\\*Ann\\*\\*', '<div dir="auto">**Ann**</div>'],
    ['**A\\*\\*n**', '<div dir="auto"><b>A**n</b></div>'],
    ['snake_case_name 2 * 3 * 4', '<div dir="auto">snake_case_name 2 * 3 * 4</div>'],
    ['`a_b_c`', '<div dir="auto"><code>a_b_c</code></div>'],
    ['-# small', '<div class="small">small</div>'],
    ['## Title', '<h4 class="second">Title</h4>'],
    ['\\# no title', '<div dir="auto"># no title</div>'],
    ['a\n```\nb < c\n```\nd', '<div dir="auto">a</div><pre>b &lt; c</pre><div dir="auto">d</div>'],
    ['[here](https://a.example/b_c)', '<div dir="auto"><a>here</a></div>'],
    ['see https://a.example/b_c_d.', '<div dir="auto">see <a>https://a.example/b_c_d</a>.</div>'],
    ['<b>no</b>', '<div dir="auto">&lt;b&gt;no&lt;/b&gt;</div>'],
    ['\\@everyone', '<div dir="auto">@everyone</div>'],
  ])('%j', (text, drawn) => {
    expect(html(text)).toBe(drawn)
    expect(textOf(parseFragment(html(text)))).not.toContain('\\')
  })
})
