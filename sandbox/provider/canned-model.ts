import { z } from 'zod'

type NamedModel = { readonly id: string; readonly name: string }

const Part = z.object({ text: z.string() })
export const Messages = z
  .array(z.object({ role: z.string(), content: z.union([z.string(), z.array(z.unknown()), z.null()]).optional() }))
  .min(1)
export type Messages = z.infer<typeof Messages>

/** Topics are quoted back shortened: an answer is a line, not an essay. */
const TOPIC_CHARACTERS = 120

/** What the last person said, without what OpenClaw writes around it (time stamps, fenced context). */
function lastQuestion(messages: Messages): string {
  // OpenClaw's own context may stand alone in the last message.
  return (
    messages
      .filter((message) => message.role === 'user')
      .map((message) => plain(textOf(message.content)))
      .findLast((said) => said !== '') ?? ''
  )
}

/** Length of everything that is billed as prompt. */
export function promptCharacters(messages: Messages, tools: unknown): number {
  const said = messages.reduce((sum, message) => sum + textOf(message.content).length, 0)
  return said + (tools === undefined ? 0 : JSON.stringify(tools).length)
}

function textOf(content: Messages[number]['content']): string {
  if (typeof content === 'string') return content
  if (!content) return ''
  return content.flatMap((part) => Part.safeParse(part).data?.text ?? []).join('\n')
}

function plain(text: string): string {
  return text
    .replace(/<<<BEGIN_OPENCLAW_INTERNAL_\w+>>>[\s\S]*?<<<END_OPENCLAW_INTERNAL_\w+>>>/g, '')
    .replace(/^.*\(untrusted[^\n]*\):?\s*```(?:json)?[\s\S]*?```\s*/gim, '')
    .replace(/^\s*(?:\[[^\]\n]{3,200}\]\s*)+/, '')
    .trim()
}

/**
 * A short, sensible answer to the last message: follows "reply with exactly X", adds and multiplies two numbers, greets, says
 * which model it is, and otherwise repeats the topic. In Chinese if it was asked in Chinese.
 */
export function cannedReply(model: NamedModel, messages: Messages): string {
  const question = lastQuestion(messages)
  const chinese = /\p{Script=Han}/u.test(question)
  const name = model.name.replace(/^[^:]+: /, '')
  if (!question) return `Hello, this is ${name}. What can I do for you?`

  const exactly = exactReply(question)
  if (exactly) return exactly
  const result = arithmetic(question)
  if (result) return result

  if (/\b(which|what)( \w+)? model\b|\bwho are you\b|你是谁|什么模型|哪个模型/i.test(question)) {
    return chinese ? `我是 ${name}（${model.id}），在沙盒里回答你。` : `I am ${name} (${model.id}), answering from the sandbox.`
  }
  if (/^(hi|hello|hey|good (morning|day|evening))\b|^(你好|您好|嗨|早上好)/i.test(question)) {
    return chinese ? `你好！我是 ${name}，有什么可以帮你？` : `Hello! I am ${name}. What can I do for you?`
  }
  const line = question.replace(/\s+/g, ' ')
  const topic = line.length > TOPIC_CHARACTERS ? `${[...line].slice(0, TOPIC_CHARACTERS).join('')}…` : line
  return chinese
    ? `你问的是“${topic}”。我是沙盒里代替 ${name} 的简单模型：消息、计费和额度都是真的，只有想法是预先写好的。`
    : `You said: “${topic}”. I am a small stand-in for ${name} in the sandbox: the message, the metering and the credit are real, only the thinking is canned.`
}

/** `Reply with exactly PROBE_OK and nothing else.` → `PROBE_OK` */
function exactReply(question: string): string | null {
  const asked =
    /\b(?:reply|respond|answer|say|write)\b[^\n"'`“]{0,40}?\b(?:exactly|only|just)\b(?: with)?(?: the (?:word|text|words))?\s*:?\s*(.+)$/im.exec(
      question,
    )
  const chinese = /(?:只|仅|请)(?:需要?)?(?:回复|回答|输出|说)[:：]?\s*(.+)$/m.exec(question)
  const wanted = (asked?.[1] ?? chinese?.[1])?.trim()
  if (!wanted) return null
  const quoted = /^["'`“‘「](.+?)["'`”’」]/.exec(wanted)
  if (quoted?.[1]) return quoted[1]
  const plainWords = wanted.split(/\s+(?:and nothing|and no|without|with no)\b|[,，。]|[.!](?:\s|$)/)[0]?.trim()
  return plainWords || null
}

const OPERATIONS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  plus: (a, b) => a + b,
  加: (a, b) => a + b,
  '-': (a, b) => a - b,
  '−': (a, b) => a - b,
  minus: (a, b) => a - b,
  减: (a, b) => a - b,
  '*': (a, b) => a * b,
  x: (a, b) => a * b,
  '×': (a, b) => a * b,
  times: (a, b) => a * b,
  乘: (a, b) => a * b,
  乘以: (a, b) => a * b,
  '/': (a, b) => a / b,
  '÷': (a, b) => a / b,
  'divided by': (a, b) => a / b,
  除以: (a, b) => a / b,
}

function arithmetic(question: string): string | null {
  const found =
    /(?<![\w.:/-])(-?\d{1,12}(?:\.\d{1,6})?)\s*(\+|-|−|\*|×|x|\/|÷|plus|minus|times|divided by|加|减|乘以|乘|除以)\s*(-?\d{1,12}(?:\.\d{1,6})?)(?![\w:/-]|\.\d)/i.exec(
      question,
    )
  const [, left, sign, right] = found ?? []
  const operation = sign && OPERATIONS[sign.toLowerCase()]
  if (!operation || left === undefined || right === undefined) return null
  const result = operation(Number(left), Number(right))
  if (!Number.isFinite(result)) return /\p{Script=Han}/u.test(question) ? '不能除以零。' : 'Nothing can be divided by zero.'
  return `${left} ${sign} ${right} = ${Number(result.toPrecision(12))}`
}
