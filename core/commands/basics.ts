import { mayAct, refusedOrder } from '../access/index.ts'
import { cancelOrder, orderCard } from '../billing/index.ts'
import { button, buttons, fields, literal, note, paragraph, press, t, title, view } from '../chat/build.ts'
import { type ChatContext, reply } from '../chat/reply.ts'
import type { View } from '../chat/view.ts'
import type { Language } from '../i18n/index.ts'
import { type Command, command } from './command.ts'
import { language } from './language.ts'

/** The menu's commands, filled in once all of them are known. */
export function basics(menu: () => readonly Command[]): Command[] {
  const helpView = (context: ChatContext): View =>
    view('help', [
      title(t('help-title', { brand: context.services.settings.brandName })),
      paragraph(t('help-text')),
      fields(
        ...menu().flatMap((known) =>
          known.description === null || !mayAct(context.role, known.needs)
            ? []
            : [[literal(namesOf(known, context.language)), t(known.description)] as const],
        ),
      ),
      buttons(
        context.instances.length > 0
          ? button(t('button-instances'), press('command', { name: 'instances' }), 'primary')
          : mayAct(context.role, 'admin') && button(t('button-deploy'), press('command', { name: 'deploy' }), 'primary'),
      ),
    ])

  return [
    command({
      name: 'start',
      description: null,
      needs: 'viewer',
      argument: 'text',
      run: async (context, { argument }) => {
        const order = /^paid_(ord_[0-9a-z]+)$/.exec(argument)?.[1]
        if (order === undefined) return reply(welcomeView(context))
        const card = await orderCard(context, order)
        return card ? reply(card) : refusedOrder(context, order, reply(welcomeView(context)))
      },
    }),
    command({
      name: 'help',
      description: 'command-help',
      needs: 'viewer',
      argument: 'none',
      run: async (context) => reply(helpView(context)),
    }),
    language,
    command({
      name: 'cancel',
      description: 'command-cancel',
      needs: 'viewer',
      argument: 'none',
      async run(context) {
        if (context.conversation.flow)
          return { views: [{ view: view('cancelled', [note(t('cancel-done'))]), place: 'new' }], flow: null }
        const open = context.orders.find((order) => order.state === 'awaiting-payment' || order.state === 'checking')
        if (open && mayAct(context.role, 'admin')) {
          // Its own message loses the payment link; what was typed is answered below.
          const cancelled = await cancelOrder(context, open.id)
          const views = cancelled.views.map((shown) => ({ ...shown, place: 'edit' as const }))
          return {
            ...cancelled,
            views: [...views, { view: view('cancelled', [note(t('cancel-order', { name: open.instanceName }))]), place: 'new' }],
          }
        }
        return reply(view('cancelled', [note(t('cancel-nothing'))]))
      },
    }),
  ]
}

/** `/usage`, and in Chinese `/usage /用量`: many platforms make only the first a link. */
function namesOf({ name, localNames }: Command, language: Language): string {
  const local = localNames?.[language]
  return local === undefined ? `/${name}` : `/${name} /${local}`
}

const welcomeView = (context: ChatContext) =>
  view('welcome', [
    title(t('welcome-title', { brand: context.services.settings.brandName })),
    paragraph(t('welcome-text')),
    buttons(
      mayAct(context.role, 'admin') && button(t('button-deploy'), press('command', { name: 'deploy' }), 'primary'),
      button(t('button-help'), press('command', { name: 'help' })),
      button(t('button-language'), press('command', { name: 'language' }), 'quiet'),
    ),
  ])
