import { setTimeout as wait } from 'node:timers/promises'
import type { APIInteractionResponse } from 'discord-api-types/v10'
import type { Respond } from './answers.ts'
import { type Api, firstResponse } from './api.ts'
import { faultOf } from './faults.ts'
import type { HttpAnswer } from './webhook.ts'

/** The way back to whoever waits for a first answer. */
export type Reply = {
  /** What is no message: a form, choices. */
  send(response: APIInteractionResponse): Promise<void>
  readonly respond: Respond
}

/** Discord takes in a response's body a moment after we sent it; asking for the message earlier finds nothing. */
const LOOK_AFTER_MS = [150, 250, 500, 1000]

/** An interaction that came over the gateway is answered by a call of its own. */
export const gatewayReply = (api: Pick<Api, 'respond'>, id: string, token: string): Reply => ({
  async send(response) {
    await api.respond(id, token, response)
  },
  respond: (response) => api.respond(id, token, response),
})

/** One that came as a request is answered by its response. What has files goes by a call of its own here, too. */
export function httpReply(
  api: Pick<Api, 'respond' | 'original'>,
  id: string,
  token: string,
): Reply & { readonly answer: Promise<HttpAnswer> } {
  let give: (answer: HttpAnswer) => void = () => {}
  const answer = new Promise<HttpAnswer>((resolve) => {
    give = resolve
  })

  /** The response can't tell the id of the message it makes, nor whether Discord took it. */
  async function messageId(): Promise<string> {
    let failure: unknown
    for (const pause of LOOK_AFTER_MS) {
      await wait(pause)
      try {
        return (await api.original(token)).id
      } catch (error) {
        failure = error
        if (faultOf(error).kind !== 'interaction-over') break
      }
    }
    throw failure
  }

  return {
    answer,
    async send(response) {
      give({ status: 200, json: response })
    },
    async respond(response) {
      if ('draft' in response && response.draft.files.length > 0) {
        give({ status: 202 })
        return api.respond(id, token, response)
      }
      give({ status: 200, json: firstResponse(response) })
      return response.kind === 'message' ? messageId() : null
    },
  }
}
