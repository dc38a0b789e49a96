const ANSWER_SECONDS = 240

/** One person in one chat of the fake Bot API, who reads what comes and presses what they need. */
export function customer(api, chat) {
  const texts = [] // everything the bot sent or edited, as it stands
  let look = () => undefined
  let linkUrl = null
  api.watch(({ chat: where, payload }) => {
    if (where !== chat) return
    texts.push(payload.text ?? payload.caption ?? '')
    const link = (payload.reply_markup?.inline_keyboard ?? []).flat().find((button) => button.url)
    if (link) linkUrl = link.url
    look()
  })

  /** Resolves with the time (`performance.now()`) of the first message, from number `since` on, that matches. */
  function sees(pattern, since, isStill = () => undefined) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(
            new Error(`No message like ${pattern} in ${ANSWER_SECONDS} s. The last ones:\n${texts.slice(-4).join('\n---\n')}`),
          ),
        ANSWER_SECONDS * 1000,
      )
      look = () => {
        isStill()
        if (!texts.slice(since).some((text) => pattern.test(text))) return
        clearTimeout(timer)
        resolve(performance.now())
      }
      look()
    })
  }

  return {
    texts,
    link: () => linkUrl,
    /** Types, and waits for a message that matches. */
    async say(text, pattern) {
      const since = texts.length
      void api.command(chat, text)
      return sees(pattern, since)
    },
    /** Presses the first button whose words match, and waits for a message that matches. Answers with the milliseconds. */
    async press(words, pattern) {
      const since = texts.length
      const began = performance.now()
      void api.press(chat, (buttons) => buttons.find(({ text }) => words.test(text)))
      return (await sees(pattern, since)) - began
    },
    async sees(pattern) {
      return sees(pattern, texts.length)
    },
  }
}
