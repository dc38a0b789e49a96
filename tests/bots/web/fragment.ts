/** Reads the HTML that the web chat sends, strictly: an unclosed or wrongly nested element is an error. */
export type Node = {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly (Node | string)[]
}
type Open = { name: string; attributes: Record<string, string>; children: (Node | string)[] }

const VOID = new Set(['hr', 'input', 'img', 'meta', 'link', 'br'])
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" }
const TOKEN = /<!--[\s\S]*?-->|<(\/)?([a-z][a-z0-9]*)((?:\s+[a-z][a-z0-9-]*(?:="[^"]*")?)*)\s*(\/)?>|([^<]+)|(<)/gi

export function parseFragment(html: string): readonly (Node | string)[] {
  const root: Open = { name: '', attributes: {}, children: [] }
  const path: Open[] = [root]
  for (const match of html.matchAll(TOKEN)) {
    const [whole, closing, name, attributes, selfClosing, text, stray] = match
    const here = path.at(-1) ?? root
    if (stray !== undefined) throw new Error(`A bare < at "${html.slice(match.index, match.index + 40)}"`)
    if (text !== undefined) here.children.push(decode(text))
    else if (closing !== undefined) {
      if (here.name !== name)
        throw new Error(`</${name}> closes <${here.name}> near "${html.slice(match.index - 60, match.index)}"`)
      path.pop()
    } else if (name !== undefined) {
      const node: Open = { name, attributes: parseAttributes(attributes ?? ''), children: [] }
      here.children.push(node)
      if (!VOID.has(name) && selfClosing === undefined) path.push(node)
    } else if (!whole.startsWith('<!--')) throw new Error(`Not understood: ${whole}`)
  }
  if (path.length !== 1) throw new Error(`<${path.at(-1)?.name}> is not closed`)
  return root.children
}

export const attribute = (node: Node, name: string): string => node.attributes[name] ?? ''
export const hasClass = (node: Node, name: string): boolean => attribute(node, 'class').split(' ').includes(name)

/** All elements below, in document order. */
export function* elements(nodes: readonly (Node | string)[]): Generator<Node> {
  for (const node of nodes) {
    if (typeof node === 'string') continue
    yield node
    yield* elements(node.children)
  }
}

export function textOf(nodes: readonly (Node | string)[], skip: (node: Node) => boolean = () => false): string {
  return nodes.map((node) => (typeof node === 'string' ? node : skip(node) ? '' : textOf(node.children, skip))).join('')
}

const decode = (text: string): string => text.replace(/&(amp|lt|gt|quot|#39);/g, (whole, name: string) => ENTITIES[name] ?? whole)

function parseAttributes(source: string): Record<string, string> {
  const attributes: Record<string, string> = {}
  for (const [, name = '', value = ''] of source.matchAll(/([a-z][a-z0-9-]*)(?:="([^"]*)")?/gi)) attributes[name] = decode(value)
  return attributes
}
