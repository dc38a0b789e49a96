// Long because it is one list: everything a chat platform must be able to do, read from top to bottom.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FittedBlock, FittedMessage } from '../../core/chat/fit.ts'
import type { Incoming } from '../../core/chat/incoming.ts'
import type { ChatPlatform, Delivery, Draw, Outgoing } from '../../core/chat/platform.ts'
import type { Clock } from '../../core/clock.ts'
import type { Log } from '../../core/log.ts'
import {
  BLOCKS,
  button,
  CHART,
  clock,
  createInbox,
  EMPTY,
  type Inbox,
  MARKUP,
  PIXEL,
  silent,
  text,
  title,
} from './platform-samples.ts'

/**
 * What every chat platform promises the core, over its real wire. An adapter supplies a Harness: how the service would build the
 * platform, what a person does there, and what a person sees there.
 */
export type Harness = {
  /** The platform as the service builds it, not started. Called again for a restart. */
  create(parts: { readonly draw: Draw; readonly clock: Clock; readonly log: Log }): Promise<ChatPlatform>
  person(name: string): Promise<HarnessPerson>
  /** A chat all of them are in; null if the platform has only private chats. */
  group(people: readonly HarnessPerson[]): Promise<HarnessGroup | null>
  /** Where nothing arrives that is merely typed: the command with which words are said instead, and which `says` sends for them. */
  readonly arrivesAs?: (text: string) => Incoming['content']
  /** The published command menu of a language; null if the platform shows none. */
  menu(language: string): Promise<readonly { readonly name: string; readonly description: string }[] | null>
  /** Ends everything; throws if the platform's rules were broken on the way. */
  close(): Promise<void>
}

export type HarnessPerson = {
  /** As `Incoming.sender.id`. */
  readonly userId: string
  /** Their private chat, as `Incoming.chat.id`. */
  readonly chatId: string
  says(text: string, group?: HarnessGroup): Promise<void>
  presses(label: string): Promise<void>
  /** Waits until what they see in their private chat (oldest first, own words included) is as wanted, and returns it. */
  sees(isWanted: (messages: readonly Seen[]) => boolean, what: string): Promise<readonly Seen[]>
  /** Waits for a short note in answer to a press. */
  seesToast(text: string): Promise<void>
}
type HarnessGroup = {
  readonly chatId: string
  /** What somebody writes in front so that the service, and not the others, is meant: `@Bot `. */
  readonly address: string
}

export type Seen = {
  /** All words of the message, as they look: no markup. */
  readonly text: string
  readonly buttons: readonly { readonly label: string; readonly link: string | null }[]
  readonly picture: Buffer | null
  readonly file: { readonly name: string; readonly content: string } | null
  readonly own: boolean
}

/** What can be made to go wrong on this platform's wire. A test exists only for what is given. */
export type Faults<H extends Harness = Harness> = {
  /** The platform gives an update again that was not stored. */
  readonly redelivers: boolean
  /** The platform keeps what is sent while we are away. */
  readonly keepsWhileAway: boolean
  readonly deleteLastMessage?: (harness: H, person: HarnessPerson) => Promise<void>
  /** The next message is refused with this wait. */
  readonly rateLimitNext?: (harness: H, seconds: number) => void
  /** Who asks again before the wait is over breaks a rule: the adapter remembers it. */
  readonly enforcesWait?: boolean
  readonly block?: (harness: H, person: HarnessPerson) => Promise<void>
  /** The next call finds no platform. */
  readonly outageNext?: (harness: H) => void
}

export function platformContract<H extends Harness>(name: string, open: () => Promise<H>, faults: Faults<H>): void {
  describe(`${name} as a chat platform`, () => {
    let harness: H
    let platform: ChatPlatform
    let ada: HarnessPerson
    let inbox: Inbox

    beforeEach(async () => {
      harness = await open()
      inbox = createInbox()
      platform = await harness.create({ draw: async () => PIXEL, clock, log: silent })
      await platform.start(inbox.receive)
      ada = await harness.person('Ada')
      // Some platforms let us write only to people who wrote first.
      await ada.says('/start')
      await inbox.take()
    })
    afterEach(async () => {
      await platform.stop()
      await harness.close()
    })

    const send = (message: Partial<FittedMessage>, more: Partial<Outgoing> = {}): Promise<Delivery> =>
      platform.deliver({ chatId: ada.chatId, tone: 'info', message: { ...EMPTY, ...message }, ...more })
    const sendOk = async (message: Partial<FittedMessage>, more: Partial<Outgoing> = {}): Promise<string> => {
      const delivery = await send(message, more)
      if (delivery.kind !== 'delivered') throw new Error(`Not delivered: ${JSON.stringify(delivery)}`)
      return delivery.ref
    }
    const words = (text: string): Incoming['content'] => harness.arrivesAs?.(text) ?? { kind: 'text', text }
    const fromUs = (messages: readonly Seen[]) => messages.filter(({ own }) => !own)
    const showing = (part: string) => async () => {
      const messages = await ada.sees(
        (all) => fromUs(all).some(({ text }) => text.includes(part)),
        `a message with "${part.slice(0, 80)}"`,
      )
      return fromUs(messages).findLast(({ text }) => text.includes(part))
    }
    const message = (part: string) => showing(part)()

    describe('what people do', () => {
      it('arrives as a text, once, with who wrote it and where', async () => {
        await ada.says('Hello, everything well?')
        const incoming = await inbox.take()
        expect(incoming.content).toEqual(words('Hello, everything well?'))
        expect(incoming).toMatchObject({
          platform: platform.name,
          chat: { id: ada.chatId, kind: 'private' },
          sender: { id: ada.userId, name: 'Ada' },
        })
        await ada.says('second')
        expect((await inbox.take()).content).toEqual(words('second'))
        expect(new Set(inbox.all().map(({ updateKey }) => updateKey)).size).toBe(3)
      })

      it('arrives as a command with its name in lower case and its argument', async () => {
        await ada.says('/Model  anthropic/claude  now ')
        expect((await inbox.take()).content).toEqual({ kind: 'command', name: 'model', argument: 'anthropic/claude  now' })
      })

      it('arrives as a press with the button’s token and the message it hangs on', async () => {
        const ref = await sendOk({ blocks: [text('Choose')], rows: [[button('Blue', 'tok:blue')], [button('Red', 'tok:red')]] })
        await ada.sees((all) => all.some(({ buttons }) => buttons.length === 2), 'two buttons')
        await ada.presses('Red')
        const incoming = await inbox.take()
        expect(incoming.content).toEqual({ kind: 'press', token: 'tok:red', messageRef: ref })
        expect(incoming).toMatchObject({ chat: { id: ada.chatId }, sender: { id: ada.userId } })
        await platform.acknowledge(incoming)
      })

      it('arrives whole with emoji, right-to-left script and line ends', async () => {
        // An option of a command has no second line.
        const said = `שלום 👩‍👩‍👧‍👦 مرحبا${harness.arrivesAs ? ' ' : '\n'}zweite Zeile — 你好`
        await ada.says(said)
        expect((await inbox.take()).content).toEqual(words(said))
      })

      it('is told apart by person in a group', async () => {
        const bob = await harness.person('Bob')
        const group = await harness.group([ada, bob])
        if (group === null) return
        await ada.says(`${group.address}one`, group)
        await bob.says(`${group.address}two`, group)
        const [first, second] = [await inbox.take(), await inbox.take()]
        expect([first.sender.id, second.sender.id]).toEqual([ada.userId, bob.userId])
        expect([first.chat, second.chat]).toMatchObject([
          { id: group.chatId, kind: 'group' },
          { id: group.chatId, kind: 'group' },
        ])
        expect([first.content, second.content]).toEqual([words('one'), words('two')])
      })

      if (faults.redelivers) {
        it('is given again under the same key until it was stored', async () => {
          inbox.refuseNext(2)
          await ada.says('do not lose me')
          const incoming = await inbox.take()
          expect(incoming.content).toEqual(words('do not lose me'))
          expect(inbox.refused().map(({ updateKey }) => updateKey)).toEqual([incoming.updateKey, incoming.updateKey])
        })
      }

      if (faults.keepsWhileAway) {
        it('is not lost while the service restarts', async () => {
          await platform.stop()
          await ada.says('are you there?')
          await ada.says('/usage')
          platform = await harness.create({ draw: async () => PIXEL, clock, log: silent })
          await platform.start(inbox.receive)
          expect((await inbox.take()).content).toEqual({ kind: 'text', text: 'are you there?' })
          expect((await inbox.take()).content).toMatchObject({ kind: 'command', name: 'usage' })
          expect(new Set(inbox.all().map(({ updateKey }) => updateKey)).size).toBe(3)
        })
      }

      it('can be deleted in a private chat, for a pasted secret', async () => {
        await ada.says('sk-or-v1-my-secret-key')
        const incoming = await inbox.take()
        if (platform.capabilities.canDeleteIncoming === 'nowhere') {
          expect(await platform.removeIncoming(incoming)).toBe(false)
          return
        }
        expect(await platform.removeIncoming(incoming)).toBe(true)
        await ada.sees((all) => all.every((seen) => !seen.text.includes('my-secret')), 'the secret gone')
      })
    })

    describe('what people see', () => {
      it.each(BLOCKS)('is every kind of block: $block.kind', async ({ block, words: shown }) => {
        await sendOk({ blocks: [block, text('The end.')] })
        const seen = await message('The end.')
        for (const word of shown) expect(seen?.text).toContain(word)
      })

      it.each(['info', 'success', 'warning', 'danger'] as const)('has the tone %s without losing words', async (tone) => {
        await sendOk({ blocks: [title('Status'), text('All of it.')] }, { tone })
        expect((await message('All of it.'))?.text).toContain('Status')
      })

      it('are buttons with tokens and links', async () => {
        const styles = ['primary', 'danger', 'default', 'quiet'] as const
        await sendOk({
          blocks: [text('Styles')],
          rows: [
            styles.map((style) => button(style, `t-${style}`, style)),
            [{ label: 'Pay', style: 'primary', url: 'https://pay.example.com/x?y=1&z=2' }],
          ],
        })
        expect((await message('Styles'))?.buttons).toEqual([
          ...styles.map((label) => ({ label, link: null })),
          { label: 'Pay', link: 'https://pay.example.com/x?y=1&z=2' },
        ])
      })

      it('changes in place, and keeps its place', async () => {
        const ref = await sendOk({ blocks: [text('before')], rows: [[button('Go', 'go')]] })
        await sendOk({ blocks: [text('something later')] })
        expect(await sendOk({ blocks: [text('after')], rows: [[button('Stop', 'stop')]] }, { edit: ref })).toBe(ref)
        const seen = fromUs(await ada.sees((all) => all.some((one) => one.text.includes('after')), 'the change'))
        expect(seen.map((one) => one.text)).toEqual(['after', 'something later'])
        expect(seen[0]?.buttons.map(({ label }) => label)).toEqual(['Stop'])
      })

      it('loses its buttons when it ends', async () => {
        const ref = await sendOk({ blocks: [text('Sure?')], rows: [[button('Yes', 'yes')]] })
        await sendOk({ blocks: [text('Sure?')] }, { edit: ref })
        await ada.sees((all) => fromUs(all).every(({ buttons }) => buttons.length === 0), 'no buttons')
      })

      it('may be changed to what it already is', async () => {
        const ref = await sendOk({ blocks: [text('the same')], rows: [[button('A', 'a')]] })
        expect(await send({ blocks: [text('the same')], rows: [[button('A', 'a')]] }, { edit: ref })).toEqual({
          kind: 'delivered',
          ref,
        })
      })

      it('shows everything of a text as long as the platform takes', async () => {
        const { max, unit } = platform.capabilities.text
        const pattern = 'The quick brown fox 0123456789. '
        const longest = `${pattern.repeat(Math.ceil(max / pattern.length)).slice(0, max - 4)} end`.slice(0, max)
        expect(unit === 'bytes' ? Buffer.byteLength(longest) : longest.length).toBe(max)
        await sendOk({ blocks: [text(longest)] })
        expect((await message(' end'))?.text).toBe(longest)
      })

      it('shows names with any platform’s markup as they are', async () => {
        const blocks: FittedBlock[] = [
          title(`T ${MARKUP}`),
          text(`X ${MARKUP}`),
          { kind: 'note', text: `N ${MARKUP}` },
          { kind: 'code', text: `C ${MARKUP}` },
          { kind: 'fields', items: [{ label: `L ${MARKUP}`, value: `V ${MARKUP}` }] },
          { kind: 'progress', steps: [{ label: `P ${MARKUP}`, state: 'running' }] },
          { kind: 'bar', share: 0.5, caption: `B ${MARKUP}` },
        ]
        await sendOk({ blocks, rows: [[button('<i>*no*</i>', 'm')]] })
        const seen = await message('X ')
        for (const part of ['T', 'X', 'N', 'C', 'L', 'V', 'P', 'B']) expect(seen?.text).toContain(`${part} ${MARKUP}`)
        expect(seen?.buttons).toEqual([{ label: '<i>*no*</i>', link: null }])
      })

      it('shows emoji and right-to-left names whole', async () => {
        const person = 'דָּנִיֵּאל 👨🏿‍🚀 عبد الله'
        await sendOk({ blocks: [title(person), { kind: 'fields', items: [{ label: person, value: `«${person}»` }] }] })
        expect((await message(`«${person}»`))?.text.split(person)).toHaveLength(4)
      })

      it('is a picture with its words', async () => {
        await sendOk({
          blocks: [text('Your month')],
          image: { chart: CHART, alt: '$1.20 on one day' },
          rows: [[button('Top up', 'top')]],
        })
        const seen = fromUs(await ada.sees((all) => all.some(({ picture }) => picture !== null), 'a picture'))
        expect(seen.find(({ picture }) => picture)?.picture).toEqual(PIXEL)
        expect(seen.map((one) => one.text).join('\n')).toContain('Your month')
        expect(seen.flatMap(({ buttons }) => buttons.map(({ label }) => label))).toEqual(['Top up'])
      })

      it('turns from words into a picture and back, shown once', async () => {
        const onlyWords = { blocks: [text('only words')] }
        const withPicture = { blocks: [text('with picture')], image: { chart: CHART, alt: 'chart' } }
        const first = await sendOk(onlyWords)
        const change = async (content: Partial<FittedMessage>, ref: string) => {
          const delivery = await send(content, { edit: ref })
          // What can't be changed in place the core sends anew.
          if (delivery.kind === 'message-gone') return sendOk(content)
          expect(delivery.kind).toBe('delivered')
          return ref
        }
        const second = await change(withPicture, first)
        await ada.sees((all) => all.some(({ picture }) => picture !== null), 'the picture')
        await change(onlyWords, second)
        const seen = fromUs(await ada.sees((all) => all.every(({ picture }) => picture === null), 'no picture'))
        expect(seen.filter((one) => one.text.includes('only words'))).toHaveLength(1)
      })

      it('goes without a picture that could not be drawn, but goes', async () => {
        await platform.stop()
        platform = await harness.create({ draw: () => Promise.reject(new Error('no font')), clock, log: silent })
        await platform.start(inbox.receive)
        await sendOk({ blocks: [text('All the figures')], image: { chart: CHART, alt: 'chart' } })
        await message('All the figures')
      })

      it('is a file with its name and content', async () => {
        const content = 'log line 1\nZeile 2 ü 你好\n'
        await sendOk({ blocks: [text('The last lines')], file: { name: 'gateway.log', mime: 'text/plain', content } })
        const seen = fromUs(await ada.sees((all) => all.some(({ file }) => file !== null), 'a file'))
        expect(seen.find(({ file }) => file)?.file).toEqual({ name: 'gateway.log', content })
        expect(seen.map((one) => one.text).join('\n')).toContain('The last lines')
      })

      it('is a short note in answer to a press, cut if need be, and never an error', async () => {
        await sendOk({ blocks: [text('Press')], rows: [[button('Here', 'here')]] })
        await ada.sees((all) => all.some(({ buttons }) => buttons.length > 0), 'the button')
        await ada.presses('Here')
        const incoming = await inbox.take()
        const { toast } = platform.capabilities
        await platform.acknowledge(incoming, `Done. ${'👍'.repeat(toast?.max ?? 300)}`)
        if (toast) await ada.seesToast('Done.')
        await platform.acknowledge(incoming, 'again')
        await platform.acknowledge({ ...incoming, acknowledgement: 'unknown' })
      })

      it('comes to the private chat of a person by their id', async () => {
        const chatId = await platform.privateChat(ada.userId)
        expect(chatId).not.toBeNull()
        await sendOk({ blocks: [text('between us')] }, { chatId: chatId ?? '' })
        await message('between us')
      })

      it('has a command menu in every language, also after publishing twice', async () => {
        const menus = [
          { language: 'en', commands: [{ name: 'deploy', description: 'Create an assistant' }] },
          { language: 'zh', commands: [{ name: 'deploy', description: '创建助手' }] },
        ]
        await platform.publishCommands(menus)
        await platform.publishCommands(menus)
        for (const { language, commands } of menus) {
          const menu = await harness.menu(language)
          if (menu !== null) expect(menu).toEqual(commands)
        }
      })
    })

    describe('when something goes wrong', () => {
      const { deleteLastMessage, rateLimitNext, block, outageNext } = faults

      it('says that a message it never sent is gone', async () => {
        expect(await send({ blocks: [text('x')] }, { edit: '987654321' })).toEqual({ kind: 'message-gone' })
        expect(await send({ blocks: [text('x')] }, { edit: 'nonsense' })).toEqual({ kind: 'message-gone' })
      })

      it('says that a chat that does not exist is gone', async () => {
        for (const chatId of ['999999999', 'nonsense']) {
          expect(await send({ blocks: [text('x')] }, { chatId })).toMatchObject({ kind: 'chat-gone' })
        }
      })

      if (deleteLastMessage) {
        it('says that a deleted message is gone', async () => {
          const ref = await sendOk({ blocks: [text('to be deleted')] })
          await deleteLastMessage(harness, ada)
          expect(await send({ blocks: [text('changed')] }, { edit: ref })).toEqual({ kind: 'message-gone' })
        })
      }
      if (rateLimitNext) {
        it('passes on how long a rate limit wants us to wait', async () => {
          rateLimitNext(harness, 17)
          expect(await send({ blocks: [text('slow')] })).toMatchObject({ kind: 'retry-later', afterSeconds: 17 })
          if (faults.enforcesWait) expect(await send({ blocks: [text('slow')] })).toMatchObject({ kind: 'retry-later' })
          else await sendOk({ blocks: [text('slow')] })
        })
      }
      if (block) {
        it('says that somebody who blocked us can’t be reached', async () => {
          await block(harness, ada)
          expect(await send({ blocks: [text('hello?')] })).toMatchObject({ kind: 'chat-gone' })
        })
      }
      if (outageNext) {
        it('asks for a later try when the platform can’t be reached', async () => {
          outageNext(harness)
          expect(await send({ blocks: [text('out')] })).toMatchObject({ kind: 'retry-later' })
          await sendOk({ blocks: [text('out')] })
        })
      }

      it('stops at once, may be stopped twice, and then receives nothing', async () => {
        expect(platform.health().ok).toBe(true)
        const before = performance.now()
        await platform.stop()
        await platform.stop()
        expect(performance.now() - before).toBeLessThan(2000)
        expect(platform.health().ok).toBe(false)
        expect(inbox.waiting()).toBe(0)
      })
    })
  })
}
