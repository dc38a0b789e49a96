import { z } from 'zod'
import { type CardRoot, cardSchema, ELEMENTS, type Element, GIVEN_UP, NOT_DRAWN, type Node } from './card-schema.ts'
import { CardRefused, unparsable } from './fault.ts'
import { countTables } from './markdown.ts'

/** A card that Feishu takes. */
export type Card = { readonly root: CardRoot; readonly nodes: readonly Node[] }

/** What cards may point at. */
export type Known = { readonly hasImage: (key: string) => boolean; readonly hasPerson: (id: string) => boolean }

/** Components and texts, each object with a `tag`: "200 elements (such as a text whose tag is plain_text) or components". */
const PARTS_MAX = 200
const TABLES_MAX = 5
/** "Containers nest at most five deep." */
const DEPTH_MAX = 5
const TEXT_SIZES = /^(?:heading(?:-[0-4])?|normal|notation|x{0,4}-?large|medium|small|x-small)$/

/** Reads a card, strictly. Throws CardRefused in Feishu's words. */
export function readCard(value: unknown, known: Known): Card {
  const root = parse(cardSchema, value, '')
  const nodes = root.body.elements.map((element, at) => readElement(element, `ROOT -> body -> elements -> [${at}]`, []))
  const all = flatten(nodes)
  checkCounts(root, all)
  checkNames(all)
  for (const node of all) checkElement(node, root, known)
  const forms = all.filter(({ element }) => element.tag === 'form')
  for (const form of forms) checkForm(form)
  const inForms = new Set(forms.flatMap((form) => flatten(form.children)))
  for (const node of all) if (!inForms.has(node)) checkOutsideForms(node)
  return { root, nodes }
}

/** All parts, outer before inner. */
export const flatten = (nodes: readonly Node[]): readonly Node[] => nodes.flatMap((node) => [node, ...flatten(node.children)])

const Tagged = z.looseObject({ tag: z.string() })
const isDrawn = (tag: string): tag is keyof typeof ELEMENTS => tag in ELEMENTS

function readElement(value: unknown, path: string, parents: readonly Element['tag'][]): Node {
  const tagged = Tagged.safeParse(value)
  if (!tagged.success) throw unparsable('an element without a tag', path)
  const { tag } = tagged.data
  const here = `${path}(tag: ${tag})`
  if (GIVEN_UP.has(tag)) {
    throw new CardRefused(200861, 'cards of schema V2 no longer support this capability', `unsupported tag ${tag}`, here)
  }
  if (NOT_DRAWN.has(tag))
    throw unparsable(`tag ${tag} is Feishu's, but this stand-in can't draw it yet: teach it in card-schema.ts`, here)
  if (!isDrawn(tag)) throw unparsable(`unknown tag ${tag}`, here)

  const parent = parents.at(-1)
  if ((tag === 'column') !== (parent === 'column_set'))
    throw unparsable(`tag ${tag} can't be inside ${parent ?? 'the body'}`, here)
  if (tag === 'form' && parents.length > 0) throw unparsable('a form is only possible directly in the body', here)
  const containers = parents.filter((outer) => outer !== 'column').length
  if (containers > DEPTH_MAX) throw unparsable(`containers nest more than ${DEPTH_MAX} deep`, here)

  const element: Element = parse<Element>(ELEMENTS[tag], value, here)
  const inner = 'columns' in element ? element.columns : 'elements' in element ? (element.elements ?? []) : []
  const field = 'columns' in element ? 'columns' : 'elements'
  return {
    element,
    path: here,
    children: inner.map((child, at) => readElement(child, `${here} -> ${field} -> [${at}]`, [...parents, tag])),
  }
}

/** Zod's first complaint, in the words of Feishu's parser. */
function parse<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = (issue?.path ?? []).join('.')
  if (issue?.code === 'unrecognized_keys') throw unparsable(`unknown property: ${issue.keys.join(', ')}, path: [${where}]`, path)
  throw unparsable(`${where}: ${issue?.message}`, path)
}

function checkCounts(root: CardRoot, all: readonly Node[]): void {
  if (countTags(root) > PARTS_MAX) {
    throw new CardRefused(
      11310,
      'element exceeds the limit',
      `${countTags(root)} components and texts, ${PARTS_MAX} are possible`,
    )
  }
  const tables = all.map(({ element }) => (element.tag === 'markdown' ? countTables(element.content) : 0))
  if (tables.reduce((sum, count) => sum + count, 0) > TABLES_MAX) {
    throw new CardRefused(11310, 'card table number over limit', 'table')
  }
}

function countTags(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  // What a button carries is ours, not a part of the card.
  const inner = Object.entries(value).filter(([key]) => key !== 'behaviors')
  return inner.reduce((sum, [, child]) => sum + countTags(child), 'tag' in value ? 1 : 0)
}

function checkNames(all: readonly Node[]): void {
  const seen = { name: new Set<string>(), element_id: new Set<string>() }
  for (const { element, path } of all) {
    for (const key of ['name', 'element_id'] as const) {
      const value: unknown = key in element ? Reflect.get(element, key) : undefined
      if (typeof value !== 'string') continue
      if (seen[key].has(value)) throw new CardRefused(11310, `${key}(${value}) duplicate`, value, path)
      seen[key].add(value)
    }
  }
}

function checkElement({ element, path }: Node, root: CardRoot, known: Known): void {
  const size = (value: string | undefined) => {
    const own = Object.keys(root.config.style?.text_size ?? {})
    if (value !== undefined && !TEXT_SIZES.test(value) && !own.includes(value))
      throw unparsable(`text_size: ${value} is unknown`, path)
  }
  switch (element.tag) {
    case 'img':
      checkImage(element.img_key, path, known)
      break
    case 'markdown':
      size(element.text_size)
      checkMarkdown(element.content, path, known)
      break
    case 'div':
      for (const text of [element.text, ...(element.fields ?? []).map((field) => field.text)]) {
        size(text?.text_size)
        if (text?.tag === 'lark_md') checkMarkdown(text.content, path, known)
      }
      break
    case 'button':
      if (!element.behaviors?.length && element.form_action_type === undefined)
        throw unparsable('a button that does nothing', path)
      break
    case 'select_static': {
      const values = element.options.map(({ value }) => value)
      if (new Set(values).size < values.length) throw unparsable('options with the same value', path)
      const start = element.initial_option
      const labels = element.options.map(({ text }) => text.content)
      if (start && !labels.includes(start) && !values.includes(start))
        throw unparsable(`initial_option: there is no ${start}`, path)
      break
    }
  }
}

function checkImage(key: string, path: string, known: Known): void {
  if (!known.hasImage(key)) throw new CardRefused(200570, 'card contains invalid image keys', `image key ${key}`, path)
}

function checkMarkdown(content: string, path: string, known: Known): void {
  for (const [, key = ''] of content.matchAll(/(?<!\\)!\[[^\]]*\]\(([^)\s]*)\)/g)) checkImage(key, path, known)
  for (const [, id = ''] of content.matchAll(/<at\s+id\s*=\s*["']?([^"'>\s]*)["']?\s*>/g)) {
    if (id === 'all' || !known.hasPerson(id)) {
      throw new CardRefused(100290, 'There is an invalid user resource(at/person) in your card', `at id=${id}`, path)
    }
  }
}

/** Everything one can fill in or press inside a form has a name, and exactly one button hands it in. */
function checkForm({ children, path }: Node): void {
  const parts = flatten(children)
  for (const { element, path: here } of parts) {
    const fillable = element.tag === 'input' || element.tag === 'select_static' || element.tag === 'button'
    if (fillable && element.name === undefined)
      throw new CardRefused(200530, 'name of a component in a form is empty', element.tag, here)
    if (element.tag === 'button' && element.form_action_type === undefined)
      throw unparsable('a button in a form without form_action_type', here)
  }
  const submits = parts.filter(({ element }) => element.tag === 'button' && element.form_action_type === 'submit')
  if (submits.length !== 1)
    throw unparsable(`a form has exactly one button with form_action_type submit, not ${submits.length}`, path)
}

function checkOutsideForms({ element, path }: Node): void {
  if (element.tag === 'button' && element.form_action_type !== undefined)
    throw unparsable('form_action_type outside a form', path)
  if (element.tag !== 'input' && element.tag !== 'select_static') return
  if (element.required !== undefined) throw unparsable('required outside a form', path)
  if (!element.behaviors?.length) throw unparsable(`${element.tag} outside a form without behaviors`, path)
}
