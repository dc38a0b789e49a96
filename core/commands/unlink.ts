import { audited, detachIdentity } from '../access/index.ts'
import { button, buttons, fields, note, press, t, title, view } from '../chat/build.ts'
import { type ChatContext, type Effect, type Reply, reply } from '../chat/reply.ts'
import type { View } from '../chat/view.ts'
import { command } from './command.ts'
import { accountsOf, platformName, type ShownAccount, tell } from './link.ts'

export const unlink = command({
  name: 'unlink',
  description: 'command-unlink',
  needs: 'viewer',
  argument: 'none',

  async run(context) {
    if (context.workspace.kind === 'group') return reply(view('unlink', [note(t('link-private-only'))], { tone: 'warning' }))
    return reply(unlinkView(await othersOf(context)))
  },

  actions: {
    ask: {
      needs: 'owner',
      async run(context, args) {
        const account = await chosen(context, args.platform, args.externalId)
        return account ? reply(confirmView(account)) : { views: [], toast: t('unlink-gone') }
      },
    },
    do: {
      needs: 'owner',
      async run(context, args) {
        const account = await chosen(context, args.platform, args.externalId)
        return account ? detach(context, account) : { views: [], toast: t('unlink-gone') }
      },
    },
  },
})

/** The linked accounts beside the one that is asking: that one is separated from another's chat. */
const othersOf = async (context: ChatContext): Promise<readonly ShownAccount[]> =>
  (await accountsOf(context)).filter(
    ({ platform, externalId }) => platform !== context.incoming.platform || externalId !== context.incoming.sender.id,
  )

const chosen = async (context: ChatContext, platform: unknown, externalId: unknown) =>
  (await othersOf(context)).find((account) => account.platform === platform && account.externalId === externalId)

export const unlinkView = (others: readonly ShownAccount[]): View =>
  view(
    'unlink',
    others.length === 0
      ? [note(t('unlink-none'))]
      : [
          title(t('unlink-title')),
          {
            kind: 'choice',
            name: 'account',
            label: t('unlink-choose'),
            options: others.map(({ platform, externalId, name }) => ({
              label: t('unlink-account', { name, platform: platformName(platform) }),
              press: press('unlink.ask', { platform, externalId }),
            })),
          },
        ],
    { visibility: 'private' },
  )

/** What stays where is said before anything happens. */
export const confirmView = ({ platform, externalId, name }: ShownAccount): View =>
  view(
    'unlink',
    [
      title(t('unlink-confirm-title', { name, platform: platformName(platform) })),
      fields(
        [t('unlink-stays'), t('unlink-stays-value')],
        [t('unlink-goes', { platform: platformName(platform) }), t('unlink-goes-value')],
      ),
      buttons(
        button(t('unlink-do'), press('unlink.do', { platform, externalId }, { once: true }), 'danger'),
        button(t('flow-cancel'), press('command', { name: 'unlink' }), 'quiet'),
      ),
    ],
    { tone: 'warning', visibility: 'private' },
  )

function detach(context: ChatContext, account: ShownAccount): Reply {
  const { incoming, personId, services, language } = context
  const args = { name: account.name, platform: platformName(account.platform) }
  const separate: Effect = async (transaction) => {
    const toldAt = { platform: incoming.platform, chatId: incoming.chat.id, userId: incoming.sender.id, language }
    const done = await detachIdentity(transaction, { ...account, personId }, services.ids.create('per'), toldAt)
    // Somebody else was quicker: it is separated already.
    if (!done) return
    const told = view('unlink', [note(t('unlink-told'))], { tone: 'warning', visibility: 'private' })
    await tell(context, transaction, account, told)
  }
  return {
    ...reply(view('unlink', [note(t('unlink-done', args))], { tone: 'success', visibility: 'private' })),
    effects: [separate, audited(context, 'unlink', args)],
  }
}
