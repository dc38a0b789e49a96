import type { Ids } from '../clock.ts'
import { note, t, view } from './build.ts'
import { FLOW_HOURS } from './flow.ts'
import type { ChatPlatform } from './platform.ts'
import type { ChatContext, Reply, ReplyView } from './reply.ts'
import type { ConversationPatch, Post, Surroundings } from './store.ts'
import type { Text } from './view.ts'

/** Of a typed answer, in what stays of its question. */
const ANSWER_SHOWN_CHARACTERS = 80

/** The conversation as the reply leaves it; undefined leaves it alone. */
export function patchOf(context: ChatContext, decided: Reply): ConversationPatch | undefined {
  if (decided.flow === undefined) return undefined
  if (decided.flow === null) return { flow: null, version: 0, step: null, answers: {}, viewId: null, expiresAt: null }
  return { ...decided.flow, expiresAt: new Date(context.now.getTime() + FLOW_HOURS * 3_600_000) }
}

/** What stays of a question: the answer that was taken, or a pointer to where it is asked again. */
function goesOn({ conversation, incoming }: ChatContext, step: string): Text {
  const { content } = incoming
  if (content.kind !== 'text' || step === conversation.step) return t('flow-continues-below')
  return t('flow-answered', { answer: content.text.slice(0, ANSWER_SHOWN_CHARACTERS) })
}

/** Turns replies into the messages that are written with the decision. */
export function createComposer({ ids, platforms }: { readonly ids: Ids; readonly platforms: ReadonlyMap<string, ChatPlatform> }) {
  /** A flow that goes on in another message leaves no live buttons behind. */
  function retire(context: ChatContext, surroundings: Surroundings, decided: Reply): Post[] {
    const { conversation } = context
    const old = conversation.viewId
    if (decided.flow === undefined || !conversation.flow || !old) return []
    // Pressed on its own message: that one is redrawn in place.
    if (surroundings.screen?.viewId === old) return []
    // Edited where it stands: it is redrawn in place too.
    if (decided.views.some(({ view, place }) => view.id === old && place === 'edit')) return []
    const text = decided.flow?.viewId === old ? goesOn(context, decided.flow.step) : t('flow-closed')
    return [post(context, { screenId: ids.screen(), view: view(old, [note(text)]), place: 'edit' })]
  }

  function postOf(context: ChatContext, surroundings: Surroundings, shown: ReplyView, revision: number | undefined): Post {
    const { incoming } = context
    const { content } = incoming
    const pressedRef = content.kind === 'press' || content.kind === 'form' ? content.messageRef : undefined
    const toPrivateChat = shown.view.visibility !== 'everyone' && incoming.chat.kind === 'group'
    const platform = platforms.get(incoming.platform)
    if (toPrivateChat && platform?.capabilities.onlyYou === 'private-chat') {
      const privateChatId = surroundings.privateChatId ?? incoming.sender.privateChatId
      if (privateChatId === undefined)
        return post(context, {
          screenId: ids.screen(),
          view: view('write-first', [note(t('write-to-me-first'))], { tone: 'warning' }),
          place: 'new',
          answers: incoming.acknowledgement,
        })
      return post(context, { screenId: ids.screen(), view: shown.view, place: 'new', chatId: privateChatId })
    }
    return post(context, {
      screenId: ids.screen(),
      view: shown.view,
      place: shown.place === 'edit' || (shown.place === 'here' && pressedRef !== undefined) ? 'edit' : 'new',
      editRef: shown.place === 'here' ? pressedRef : undefined,
      onlyFor: toPrivateChat ? incoming.sender.id : undefined,
      answers: incoming.acknowledgement,
      // Only a flow's own screen goes stale with it; a status card stays useful while a wizard runs.
      revision:
        shown.view.id === context.conversation.viewId || revision !== undefined
          ? (revision ?? context.conversation.revision)
          : undefined,
    })
  }

  function post(context: ChatContext, rest: Pick<Post, 'screenId' | 'view' | 'place'> & Partial<Post>): Post {
    return {
      platform: context.incoming.platform,
      chatId: context.incoming.chat.id,
      language: context.language,
      userId: context.incoming.sender.id,
      conversationId: context.conversation.id,
      workspaceId: context.workspace.id,
      ...rest,
    }
  }

  return {
    /** Everything a reply shows, with what has to go from the screen for it. `patch` is what becomes of the conversation. */
    postsOf(context: ChatContext, surroundings: Surroundings, decided: Reply, patch: ConversationPatch | undefined): Post[] {
      const revision = patch?.flow ? surroundings.conversation.revision + 1 : undefined
      const language = decided.language === undefined ? {} : { language: decided.language }
      return [
        ...retire(context, surroundings, decided),
        ...decided.views.map((shown) => ({ ...postOf(context, surroundings, shown, revision), ...language })),
      ]
    },
  }
}
