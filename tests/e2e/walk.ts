import { expect } from 'vitest'

/** What a person can do and see in a chat, whatever the platform: each end-to-end suite brings its own. */
export type Walker = {
  say(text: string): Promise<void>
  /** Presses the newest control whose label contains these words. */
  press(label: string): Promise<void>
  /** The newest message (as text, buttons in brackets) once it matches; fails with what is shown instead. */
  until(pattern: RegExp, seconds?: number): Promise<string>
  /** The address behind the newest link whose label contains these words. */
  link(label: string): Promise<string>
  /** The newest picture, as a PNG. */
  picture(): Promise<Buffer>
  /** The newest file's text. */
  file(): Promise<string>
  /** Keeps what is seen now, where the platform has something to see. */
  capture(name: string): Promise<void>
  /** Pays on the checkout page with a card number. */
  pay(url: string, card: string): Promise<void>
  /** Hands over a secret that is asked for, in the way that is this platform's own. */
  handOver(secret: string): Promise<void>
}

/** Bringing up a real OpenClaw on two busy cores. */
const DEPLOY_SECONDS = 180
/** A turn through it, the slow first one included. */
const TURN_SECONDS = 60

export const CARDS = { works: '4242 4242 4242 4242', declined: '4000 0000 0000 0002' }

/** The shortest way to a payment link: the cheapest plan, the first model. */
export async function orderUpToPayment(person: Walker, name: string): Promise<string> {
  await person.say('/deploy')
  await person.until(/What shall it be called/)
  await person.say(name)
  await person.until(/A plan for/)
  await person.press('Lite')
  await person.until(/How shall the AI be paid/)
  await person.press('AI included')
  await person.until(/Which model/)
  await person.press('Claude Sonnet')
  await person.until(/Is this right/)
  await person.press('Continue to payment')
  await person.until(/\[.*Pay/)
  return person.link('Pay')
}

/** Order, a declined card, payment, progress, ready. */
export async function deployAssistant(person: Walker, name: string): Promise<void> {
  await person.say('/deploy')
  await person.until(/What shall it be called/)
  await person.capture('1-name')
  await person.say(name)
  await person.until(new RegExp(`A plan for ${name}`))
  await person.capture('2-plan')
  await person.press('Pro')
  await person.until(/How shall the AI be paid/)
  await person.press('Back')
  await person.until(new RegExp(`A plan for ${name}`))
  await person.press('Lite')
  await person.until(/How shall the AI be paid/)
  await person.press('AI included')
  await person.until(/Which model/)
  await person.capture('3-model')
  await person.press('Claude Sonnet')
  const review = await person.until(/Is this right/)
  expect(review).toContain('$29')
  expect(review).toContain('$8')
  await person.capture('4-review')
  await person.press('Continue to payment')
  await person.until(/\[.*Pay/)
  await person.capture('5-payment-link')
  const url = await person.link('Pay')

  await person.pay(url, CARDS.declined)
  await person.until(/declined/)
  await person.capture('6-declined')
  await person.pay(url, CARDS.works)
  await person.until(new RegExp(`Setting up ${name}|${name} is ready`), 30)
  await person.capture('7-progress')
  await person.until(new RegExp(`${name} is ready`), DEPLOY_SECONDS)
  await person.capture('8-ready')
}

/** Everything one does with an assistant that runs. */
export async function useAssistant(person: Walker, name: string): Promise<void> {
  await person.say('/ask hello')
  const answer = await person.until(/claude-sonnet/i, TURN_SECONDS)
  expect(answer).not.toContain('thinking')
  await person.capture('9-answer')

  await person.say('/usage')
  const usage = await person.until(/Spent/)
  expect(usage).toMatch(/of \$8\.00/)
  expect((await person.picture()).subarray(1, 4).toString()).toBe('PNG')
  await person.capture('10-usage')

  await person.say('/model')
  await person.until(/Change to/)
  await person.capture('11-model')
  await person.press('GPT-5')
  const switched = await person.until(/now uses/, TURN_SECONDS)
  expect(switched).toMatch(/Proven: .*gpt-5/i)
  await person.capture('12-switched')
  await person.say('/ask which model are you')
  await person.until(/gpt-5/i, TURN_SECONDS)
  // Back to a dearer one is asked about first.
  await person.say('/model sonnet')
  await person.until(/about \d+ times the price[\s\S]*\[.*Change to/)
  await person.press('Keep')
  await person.until(/Change to/)
  await person.say('/model fallback')
  await person.until(/no other one is tried/)

  await person.say('/status')
  expect(await person.until(new RegExp(`${name}[\\s\\S]*State`))).toContain('running')
  await person.capture('13-status')
  await person.say('/instances')
  await person.until(/One assistant/)
  await person.say('/logs')
  expect((await person.file()).length).toBeGreaterThan(100)
  await person.capture('14-logs')

  await person.say('/language')
  await person.press('中文')
  await person.until(/从现在起/)
  await person.say('/help')
  await person.until(/我能做什么/)
  await person.capture('15-chinese')
  await person.say('/language English')
  await person.until(/From now on/)

  await person.say('/restart')
  await person.until(/is back/, DEPLOY_SECONDS)
  await person.capture('16-restarted')
}

/** Leaves: first with the wrong name, then with the right one. */
export async function destroyAssistant(person: Walker, name: string): Promise<void> {
  await person.say('/destroy')
  await person.until(/Lost for good/)
  await person.capture('17-destroy')
  await person.say('something else')
  await person.until(/That is not the name/)
  await person.say(name)
  await person.until(/is deleted/, TURN_SECONDS)
  await person.capture('18-destroyed')
  await person.say('/status')
  await person.until(/no assistant here/)
}

/** A key of one's own, and what its assistant answers with. The first model of its list is offered first. */
export type OwnKey = { readonly provider: string; readonly key: string; readonly wrongKey: string; readonly model: RegExp }

const more = 'w1'.repeat(16)
/** Test keys of the sandbox, and ones of the same look that its providers do not know. */
export const OWN_KEYS = {
  openai: { provider: 'OpenAI', key: 'sk-proj-sandbox-walk-0001-c3d4', wrongKey: `sk-proj-${more}`, model: /GPT-5\.4 Mini/i },
  google: { provider: 'Google', key: 'AIzaSandbox-walk-0001-of-the-walk-e5f6', wrongKey: `AIza${more}`, model: /Gemini 3 Flash/ },
  openrouter: {
    provider: 'OpenRouter',
    key: 'sk-or-v1-sandboxwalk0001g7h8',
    wrongKey: `sk-or-v1-${more}`,
    model: /Claude Sonnet 4\.6/,
  },
} satisfies Record<string, OwnKey>

/** Order with a key of one's own: a wrong one is told apart before anything is paid, the right one answers without our credit. */
export async function useOwnKey(person: Walker, name: string, own: OwnKey): Promise<void> {
  await person.say('/deploy')
  await person.until(/What shall it be called/)
  await person.say(name)
  await person.until(new RegExp(`A plan for ${name}`))
  await person.press('Lite')
  await person.until(/How shall the AI be paid/)
  await person.press(`My own ${own.provider} key`)
  await person.until(new RegExp(`Your ${own.provider} key`))
  await person.capture('own-1-key')
  await person.handOver(own.wrongKey)
  await person.until(/doesn’t know this key/, 30)
  await person.capture('own-2-wrong')
  await person.handOver(own.key)
  await person.until(/Which model/, 30)
  await person.capture('own-3-model')
  const offered = await person.until(own.model)
  const model = own.model.exec(offered)?.[0] ?? ''
  await person.press(model)
  const review = await person.until(/Is this right/)
  expect(review).toMatch(new RegExp(`own ${own.provider} key`))
  expect(review).toContain(own.key.slice(-4))
  await person.capture('own-4-review')
  await person.press('Continue to payment')
  await person.until(/\[.*Pay/)
  await person.pay(await person.link('Pay'), CARDS.works)
  await person.until(new RegExp(`${name} is ready`), DEPLOY_SECONDS)
  await person.say('/ask hello')
  const answer = await person.until(/answer|hello/i, TURN_SECONDS)
  expect(answer).not.toContain('thinking')
  await person.say('/usage')
  await person.until(new RegExp(`Usage and bill at ${own.provider}`))
  await person.capture('own-5-usage')
  await person.say('/key')
  const card = await person.until(/how its AI is paid/)
  expect(card).toContain(own.key.slice(-4))
  expect(card).not.toContain(own.key)
  await person.capture('own-6-key')
  await person.say('/destroy')
  await person.until(/Lost for good/)
  await person.say(name)
  await person.until(/is deleted/, TURN_SECONDS)
}
