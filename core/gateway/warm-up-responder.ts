import { once } from 'node:events'
import { createServer } from 'node:http'

/** One word, streamed the way a model's answer is. */
const CHUNKS = [
  { choices: [{ index: 0, delta: { role: 'assistant', content: 'OK' }, finish_reason: null }] },
  { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
  { choices: [], usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } },
]

/**
 * Answers every chat completion with "OK", on loopback and for free: a gateway that nobody owns yet can run its first turns against it.
 * `root` is what an OpenRouter root is, with /api/v1.
 */
export async function startWarmUpResponder(): Promise<{ readonly root: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    request.resume()
    request.once('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const frame = { id: 'warm-up', object: 'chat.completion.chunk', created: 0, model: 'warm-up' }
      for (const chunk of CHUNKS) response.write(`data: ${JSON.stringify({ ...frame, ...chunk })}\n\n`)
      response.end('data: [DONE]\n\n')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  return {
    root: `http://127.0.0.1:${port}/api/v1`,
    async close() {
      server.closeAllConnections()
      server.close()
    },
  }
}
