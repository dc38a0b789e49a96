/**
 * Who waits for which answer. The clock of an update starts when it exists, not when the bot has fetched it: a bot that asks too
 * seldom pays for it. It stops when the answer's request has been read completely.
 */
export function createAnswers() {
  const waiting = new Map() // chat -> [{ existsAt, kinds, resolve }], in the order they came
  return {
    /** Resolves with the milliseconds until something of one of these kinds comes for the chat. */
    expect(chat, kinds) {
      return new Promise((resolve) => {
        const line = waiting.get(chat) ?? []
        line.push({ existsAt: performance.now(), kinds, resolve })
        waiting.set(chat, line)
      })
    },
    answered(chat, kind) {
      const line = waiting.get(chat)
      if (!line?.[0]?.kinds.has(kind)) return
      const { existsAt, resolve } = line.shift()
      resolve(performance.now() - existsAt)
    },
  }
}

/** Something that happens once and that many may wait for. */
export function createMoment() {
  let happened
  const promise = new Promise((resolve) => {
    happened = () => resolve(performance.now())
  })
  return { happened, promise }
}

/** The whole body of a request, as text. */
export async function bodyOf(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

export function answerJson(response, value, status = 200) {
  const body = JSON.stringify(value)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
