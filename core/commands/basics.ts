import { cancelOrder, orderCard } from '../billing/index.ts'
import { button, buttons, fields, literal, note, paragraph, press, t, title, view } from '../chat/build.ts'
import { type ChatContext, type Reply, reply } from '../chat/reply.ts'
import type { View } from '../chat/view.ts'
import { type Command, command } from './command.ts'

/** The menu's commands, filled in once all of them are known. */
export function basics(menu: () => readonly Command[]): Command[] {
  const helpView = (context: ChatContext): View =>
    view('help', [
      title(t('help-title', { brand: context.services.settings.brandName })),
      paragraph(t('help-text')),
      fields(
        ...menu().flatMap((known) =>
          known.description === null ? [] : [[literal(`/${known.name}`), t(known.description)] as const],
        ),
      ),
      buttons(
        button(
          t(context.instances.length === 0 ? 'button-deploy' : 'button-instances'),
          press('command', { name: context.instances.length === 0 ? 'deploy' : 'instances' }),
          'primary',
        ),
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
        const card = order === undefined ? null : await orderCard(context, order)
        return card ? reply(card) : reply(welcomeView(context))
      },
    }),
    command({
      name: 'help',
      description: 'command-help',
      needs: 'viewer',
      argument: 'none',
      run: async (context) => reply(helpView(context)),
    }),
    command({
      name: 'language',
      description: 'command-language',
      needs: 'viewer',
      argument: 'text',
      run: async (context, { argument }) =>
        argument === '' ? reply(languageView(context)) : setLanguage(context, argument.toLowerCase()),
      actions: { set: { needs: 'viewer', run: async (context, args) => setLanguage(context, String(args.language)) } },
    }),
    command({
      name: 'cancel',
      description: 'command-cancel',
      needs: 'viewer',
      argument: 'none',
      async run(context) {
        if (context.conversation.flow)
          return { views: [{ view: view('cancelled', [note(t('cancel-done'))]), place: 'new' }], flow: null }
        const open = context.orders.find((order) => order.state === 'awaiting-payment' || order.state === 'checking')
        if (open && context.role === 'owner') {
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

const welcomeView = (context: ChatContext) =>
  view('welcome', [
    title(t('welcome-title', { brand: context.services.settings.brandName })),
    paragraph(t('welcome-text')),
    buttons(
      button(t('button-deploy'), press('command', { name: 'deploy' }), 'primary'),
      button(t('button-help'), press('command', { name: 'help' })),
      button(t('button-language'), press('command', { name: 'language' }), 'quiet'),
    ),
  ])

const LANGUAGES = { en: 'English', zh: '中文' } as const

const languageView = (context: ChatContext) =>
  view('language', [
    title(t('language-title')),
    buttons(
      ...Object.entries(LANGUAGES).map(([code, name]) =>
        button(literal(name), press('language.set', { language: code }), code === context.language ? 'primary' : 'default'),
      ),
    ),
  ])

/** The confirmation is already in the new language. */
function setLanguage(context: ChatContext, typed: string): Reply {
  const code = Object.entries(LANGUAGES).find(([known, name]) => known === typed || name.toLowerCase() === typed)?.[0]
  if (!code) return reply(languageView(context))
  return {
    views: [
      {
        view: view('language', [note(t('language-set', { language: LANGUAGES[code as keyof typeof LANGUAGES] }))], {
          tone: 'success',
        }),
        place: 'here',
      },
    ],
    language: code,
    effects: [
      async (transaction) => {
        await transaction.person.update({ where: { id: context.personId }, data: { language: code } })
      },
    ],
  }
}
