// A bare bot on Feishu's own SDK: answers a text, and changes the card whose button was pressed in the callback's answer.
import * as lark from '@larksuiteoapi/node-sdk'

const account = { appId: process.env.FEISHU_APP_ID, appSecret: process.env.FEISHU_APP_SECRET, domain: process.env.FEISHU_DOMAIN }
const quiet = { loggerLevel: lark.LoggerLevel.error }
const client = new lark.Client({ ...account, ...quiet })
let presses = 0

const card = (text) => ({
  schema: '2.0',
  config: { update_multi: true },
  body: {
    elements: [
      { tag: 'markdown', content: text },
      {
        tag: 'button',
        text: { tag: 'plain_text', content: 'Again' },
        behaviors: [{ type: 'callback', value: { token: 'again' } }],
      },
    ],
  },
})

const eventDispatcher = new lark.EventDispatcher(quiet).register({
  'im.message.receive_v1': ({ message }) =>
    client.im.v1.message.create({
      params: { receive_id_type: 'chat_id' },
      data: { receive_id: message.chat_id, msg_type: 'interactive', content: JSON.stringify(card('All is well.')) },
    }),
  'card.action.trigger': () => ({ card: { type: 'raw', data: card(`Pressed ${++presses}`) } }),
})
new lark.WSClient({ ...account, ...quiet }).start({ eventDispatcher })
