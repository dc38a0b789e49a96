// A bare grammY bot with its concurrent runner: answers every command, and edits the message whose button was pressed.
import { run } from '@grammyjs/runner'
import { Bot, InlineKeyboard } from 'grammy'

const bot = new Bot(process.env.TELEGRAM_BOT_TOKEN, { client: { apiRoot: process.env.TELEGRAM_API_ROOT } })
const keyboard = new InlineKeyboard().text('Again', 'again')
let presses = 0

bot.command('status', (context) => context.reply('All is well.', { reply_markup: keyboard }))
bot.callbackQuery('again', (context) =>
  Promise.all([context.answerCallbackQuery(), context.editMessageText(`Pressed ${++presses}`, { reply_markup: keyboard })]),
)
run(bot)
