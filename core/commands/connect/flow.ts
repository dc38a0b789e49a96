import { z } from 'zod'
import { audited } from '../../access/index.ts'
import {
  connectView,
  discordBotId,
  feishuAppId,
  isChannelKind,
  ownIdOn,
  telegramBotId,
  writeChannel,
} from '../../channels/index.ts'
import { note, paragraph, t, title, view } from '../../chat/build.ts'
import { again, answerPress, chosen, done, flow, stay } from '../../chat/flow.ts'
import { type ChatContext, type Effect, placeOf, reply } from '../../chat/reply.ts'
import type { InstanceSummary } from '../../chat/store.ts'
import type { ChannelKind } from '../../gateway/index.ts'
import { PENDING } from './found.ts'

const Answers = z.object({
  instanceId: z.string().optional(),
  kind: z.string().optional(),
  /** Feishu only: its secret belongs to an app. */
  appId: z.string().optional(),
})
type Answers = z.infer<typeof Answers>
type Facts = {
  readonly context: ChatContext
  readonly instance: InstanceSummary | undefined
  readonly kind: ChannelKind | null
}

const APP_ID_MAX = 64

/** A token of one's own for a channel: where to get it, and handing it over. What it is worth is found out by an operation. */
export const connectFlow = flow<Answers, Facts>({
  name: 'connect',
  needs: 'admin',
  version: 1,
  answers: Answers,
  first: 'token',
  facts: async (context, _step, { instanceId, kind }) => ({
    context,
    instance: context.instances.find(({ id }) => id === instanceId),
    kind: isChannelKind(kind) ? kind : null,
  }),
  steps: {
    token: {
      ask({ appId }, { instance, kind }) {
        if (!instance || !kind) return [note(t('instance-gone'))]
        const head = title(t('connect-paste-title', { platform: { text: t(`channel-kind-${kind}`) }, name: instance.name }))
        if (kind === 'feishu' && appId === undefined)
          return [
            head,
            paragraph(t('connect-paste-feishu-app')),
            {
              kind: 'form',
              name: 'app',
              fields: [{ name: 'appId', label: t('connect-app-id'), maxLength: APP_ID_MAX }],
              submitLabel: t('connect-app-submit'),
              press: answerPress({}),
              inWords: t('connect-app-in-words'),
            },
          ]
        return [head, paragraph(t(`connect-paste-${kind}`))]
      },
      secret: ({ appId }, { instance, kind }) =>
        !instance || !kind || (kind === 'feishu' && appId === undefined)
          ? null
          : {
              title: t('connect-secret-title', { platform: { text: t(`channel-kind-${kind}`) }, name: instance.name }),
              hint: t(`connect-secret-hint-${kind}`),
              label: t(kind === 'feishu' ? 'connect-secret-label-feishu' : 'connect-secret-label'),
            },
      answer(answers, input, { context, instance, kind }) {
        if (!instance || !kind) return done(reply(view('connect', [note(t('instance-gone'))])))
        if (input.kind !== 'secret') {
          const typed = input.kind === 'text' ? input.text : chosen(input, 'appId')
          if (kind !== 'feishu' || answers.appId !== undefined || typed === null) return stay(answers)
          const appId = feishuAppId(typed)
          return appId === null ? again(t('connect-app-shape')) : stay({ ...answers, appId })
        }
        const externalId = externalIdOf(kind, input.value, answers.appId)
        if (externalId === null) return again(t(`connect-shape-${kind}`))
        if (instance.state !== 'running') return again(t('instance-not-running', { name: instance.name }))
        const viewId = context.conversation.viewId ?? `connect:${instance.id}`
        const token = { value: input.value, last4: input.last4, externalId, appId: answers.appId }
        const shown = { id: '', kind, instanceId: instance.id, allowed: [] as string[], name: '' }
        return done({
          views: [
            {
              view: connectView(viewId, shown, PENDING),
              place: context.incoming.content.kind === 'handed' ? 'edit' : 'here',
            },
          ],
          effects: [
            connects(context, instance, kind, token, viewId),
            audited(context, 'connect', { name: instance.name, platform: kind }),
          ],
        })
      },
    },
  },
})

/** The bot or app a token is for. Everything else about it is the platform's to say. */
function externalIdOf(kind: ChannelKind, token: string, appId: string | undefined): string | null {
  switch (kind) {
    case 'telegram':
      return telegramBotId(token)
    case 'discord':
      return discordBotId(token)
    case 'feishu':
      return token.length >= 16 ? (appId ?? null) : null
  }
}

/** Keeps the token, sealed, and lets it be tried. */
function connects(
  context: ChatContext,
  instance: InstanceSummary,
  kind: ChannelKind,
  token: { readonly value: string; readonly last4: string; readonly externalId: string; readonly appId: string | undefined },
  viewId: string,
): Effect {
  const { services, personId, workspace } = context
  return async (transaction) => {
    const owner = await ownIdOn(transaction, personId, kind)
    const { id, fresh } = await writeChannel(transaction, services, {
      workspaceId: workspace.id,
      instanceId: instance.id,
      kind,
      externalId: token.externalId,
      addedByPersonId: personId,
      token: token.value,
      last4: token.last4,
      settings: token.appId === undefined ? {} : { appId: token.appId },
      allowed: owner === null ? [] : [owner],
    })
    await services.operations.start(transaction, {
      kind: 'connect-channel',
      instanceId: instance.id,
      args: { channelId: id, fresh },
      place: placeOf(context, viewId),
      requestId: context.requestId,
    })
  }
}
