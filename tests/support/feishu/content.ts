import { z } from 'zod'
import { type Card, type Known, readCard } from './card.ts'
import { broken, CardRefused, cardFault, invalidParameter } from './fault.ts'
import { markdownLooks, textLooks } from './markdown.ts'
import type { MessageRecord, World } from './world.ts'

/** "Requests of text messages take 150 KB, those of cards and posts 30 KB", in bytes of the request body. */
const TEXT_REQUEST_BYTES = 150 * 1024
const CARD_REQUEST_BYTES = 30 * 1024

export type Content = Partial<Pick<MessageRecord, 'words' | 'card' | 'imageKey' | 'file'>>

export const knownTo = (world: World): Known => ({
  hasImage: (key) => world.images.has(key),
  hasPerson: (id) => world.people.has(id) || id === world.bot.openId,
})

export function checkSize(type: string, bytes: number): void {
  const max = type === 'text' ? TEXT_REQUEST_BYTES : type === 'post' || type === 'interactive' ? CARD_REQUEST_BYTES : null
  if (max === null || bytes <= max) return
  const rule = `a request with a message of type ${type} takes ${max} bytes, this one has ${bytes}`
  throw broken(230025, 'The length of the message content reaches its limit.', rule)
}

export function cardOf(value: unknown, world: World): Card {
  try {
    return readCard(value, knownTo(world))
  } catch (error) {
    if (!(error instanceof CardRefused)) throw error
    throw cardFault(error, `card: ${error.message}`)
  }
}

export function parseContent(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    throw broken(
      230001,
      invalidParameter('content is not a string in json format').msg,
      `content is no JSON: ${content.slice(0, 80)}`,
    )
  }
}

const style = z.array(z.string()).optional()
const inPost = z.discriminatedUnion('tag', [
  z.strictObject({ tag: z.literal('text'), text: z.string(), un_escape: z.boolean().optional(), style }),
  z.strictObject({ tag: z.literal('a'), text: z.string(), href: z.url(), style }),
  z.strictObject({ tag: z.literal('at'), user_id: z.string(), user_name: z.string().optional(), style }),
  z.strictObject({ tag: z.literal('img'), image_key: z.string() }),
  z.strictObject({ tag: z.literal('emotion'), emoji_type: z.string() }),
  z.strictObject({ tag: z.literal('hr') }),
  z.strictObject({ tag: z.literal('code_block'), language: z.string().optional(), text: z.string() }),
  z.strictObject({ tag: z.literal('md'), text: z.string() }),
])
const postBody = z.strictObject({ title: z.string().optional(), content: z.array(z.array(inPost)) })
const post = z
  .strictObject({ zh_cn: postBody, en_us: postBody })
  .partial()
  .refine(({ zh_cn, en_us }) => zh_cn || en_us, 'a post has at least one language')

/** What a message of this type shows; refused as Feishu refuses it. */
export function readContent(type: string, content: string, world: World): Content {
  const value = parseContent(content)
  const read = <T>(schema: z.ZodType<T>): T => {
    const parsed = schema.safeParse(value)
    if (parsed.success) return parsed.data
    throw broken(230001, invalidParameter('invalid content').msg, `content of type ${type}: ${z.prettifyError(parsed.error)}`)
  }
  switch (type) {
    case 'text': {
      const { text } = read(z.strictObject({ text: z.string() }))
      if (text.trim() === '') throw broken(230001, invalidParameter('text is empty').msg, 'a text message without text')
      return { words: textLooks(text, (id) => world.name(id)) }
    }
    case 'post': {
      const { zh_cn, en_us } = read(post)
      return { words: postWords(zh_cn ?? en_us ?? { content: [] }, world) }
    }
    case 'image': {
      const { image_key: key } = read(z.strictObject({ image_key: z.string() }))
      if (!world.images.has(key))
        throw broken(230001, invalidParameter('invalid image_key').msg, `no image was uploaded as ${key}`)
      return { imageKey: key }
    }
    case 'file': {
      const { file_key: key } = read(z.strictObject({ file_key: z.string() }))
      const file = world.files.get(key)
      if (!file) throw broken(230017, 'Bot is NOT the owner of the resource.', `no file was uploaded as ${key}`)
      return { file: { name: file.name, key } }
    }
    case 'interactive':
      return { card: cardOf(value, world) }
    default:
      throw broken(230001, invalidParameter('invalid msg_type').msg, `msg_type ${type}: this stand-in knows none such`)
  }
}

function postWords({ title, content }: z.infer<typeof postBody>, world: World): string {
  const part = (node: z.infer<typeof inPost>): string => {
    switch (node.tag) {
      case 'text':
      case 'a':
      case 'code_block':
        return node.text
      case 'at':
        return `@${world.name(node.user_id) ?? node.user_id}`
      case 'md':
        return markdownLooks(node.text, (id) => world.name(id))
      case 'emotion':
        return `[${node.emoji_type}]`
      default:
        return ''
    }
  }
  const lines = content.map((paragraph) => paragraph.map(part).join(''))
  return [...(title ? [title] : []), ...lines].join('\n')
}
