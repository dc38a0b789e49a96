import { closedLoop, openLoop, pause, percentiles } from './load.js'
import { cpuMs, familyCpuMs, residentMb } from './process.js'

export const CHATS = 100
export const RATE_PER_SECOND = 100
const WARM_UP_SECONDS = 2
const SATURATED_SECONDS = 3
const STEADY_SECONDS = 5
const SETTLE_MS = 400

/**
 * One bot on one platform's stand-in: a command and a press at a steady rate and as fast as it goes. `api` is the stand-in: `connected()`,
 * `command(chat, text)`, `press(chat, choose)`, and where a press has to be acknowledged `takeAcknowledged()`.
 */
export async function measureChat({ api, startBot, postgres, prepare, press }) {
  const bot = await startBot(api)
  const command = (n) => api.command(n % CHATS, '/status')
  const pressAgain = (n) => api.press(n % CHATS, press)
  try {
    await bot.until(api.connected(), 'it was connected')
    await prepare?.()
    await bot.until(closedLoop({ chats: CHATS, seconds: WARM_UP_SECONDS, send: command }), 'it was warm')
    await pause(SETTLE_MS)
    const commands = await steady(command)
    if (prepare) {
      const everyChat = Array.from({ length: CHATS }, (_, chat) => api.command(chat, '/deploy'))
      await bot.until(Promise.all(everyChat), 'the flows had begun')
    }
    await bot.until(closedLoop({ chats: CHATS, seconds: WARM_UP_SECONDS, send: pressAgain }), 'it was warm')
    await pause(SETTLE_MS)
    const presses = await steady(pressAgain)
    await pause(SETTLE_MS)
    const pressesPerSecond = (await closedLoop({ chats: CHATS, seconds: SATURATED_SECONDS, send: pressAgain })).perSecond
    await pause(SETTLE_MS)
    const perSecond = (await closedLoop({ chats: CHATS, seconds: SATURATED_SECONDS, send: command })).perSecond
    return {
      commandP50: commands.p50,
      commandP99: commands.p99,
      pressP50: presses.p50,
      pressP99: presses.p99,
      // Where only presses are acknowledged, commands say nothing of it.
      acknowledgedP99: Math.max(
        ...[commands, presses].map(({ acknowledgedP99 }) => acknowledgedP99).filter((ms) => !Number.isNaN(ms)),
      ),
      cpuCommand: commands.cpuEach,
      cpuPress: presses.cpuEach,
      postgresCpu: commands.postgresCpuEach,
      perSecond,
      pressesPerSecond,
      lost: commands.lost + presses.lost,
      residentMb: residentMb(bot.pid),
    }
  } finally {
    await bot.stop()
    await api.close()
  }

  async function steady(send) {
    api.takeAcknowledged?.()
    const before = cpuMs(bot.pid)
    const postgresBefore = familyCpuMs(postgres.pid)
    const result = await bot.until(openLoop({ ratePerSecond: RATE_PER_SECOND, seconds: STEADY_SECONDS, send }), 'it was measured')
    return {
      ...result,
      acknowledgedP99: percentiles(api.takeAcknowledged?.() ?? []).p99,
      cpuEach: (cpuMs(bot.pid) - before) / result.sent,
      postgresCpuEach: (familyCpuMs(postgres.pid) - postgresBefore) / result.sent,
    }
  }
}

/** Two steps of /deploy: a suggested name, Back, a suggested name, … Each press moves the conversation and edits the message. */
export const backAndForth = (buttons) =>
  buttons.find(({ text }) => text.includes('Back')) ?? buttons.find(({ text }) => /^[A-Z][a-z]+$/.test(text) && text !== 'Cancel')
