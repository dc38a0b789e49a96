// The same command on Vercel's Chat SDK with its PostgreSQL state, polling.
import { createPostgresState } from '@chat-adapter/state-pg'
import { createTelegramAdapter } from '@chat-adapter/telegram'
import { Chat } from 'chat'

const chat = new Chat({
  userName: 'bench_bot',
  adapters: {
    telegram: createTelegramAdapter({
      botToken: process.env.TELEGRAM_BOT_TOKEN,
      apiUrl: process.env.TELEGRAM_API_ROOT,
      mode: 'polling',
    }),
  },
  state: createPostgresState({ url: process.env.DATABASE_URL }),
  concurrency: 'queue', // the default drops what comes while a chat is busy
  logger: 'silent',
})

chat.onSlashCommand('/status', (event) => event.channel.post('All is well.'))
await chat.initialize()
