import { mayAct } from '../access/index.ts'
import type { ProblemError } from '../problem.ts'
import { button, buttons, literal, note, press, t, view } from './build.ts'
import { type ChatContext, type Reply, reply } from './reply.ts'
import type { Button, Text } from './view.ts'

// What the router itself says.

export const say = (context: ChatContext, text: Text, tone: 'info' | 'warning' = 'info', ...offered: Button[]): Reply => ({
  views: [{ view: view(`say:${context.requestId}`, [note(text), buttons(...offered)], { tone }), place: 'new' }],
})

export const problemReply = (error: ProblemError): Reply => ({
  views: [{ view: view(`problem:${error.problem.code}`, [note(error.problem.text)], { tone: 'warning' }), place: 'new' }],
})

export const pastedSecret = (removed: boolean): Reply =>
  reply(view('pasted-secret', [note(t(removed ? 'secret-pasted-removed' : 'secret-pasted-kept'))], { tone: 'danger' }))

/** Who may not get one is told who can. */
export const noInstanceView = ({ role }: Pick<ChatContext, 'role'>, viewId = 'no-instance') =>
  mayAct(role, 'admin')
    ? view(viewId, [note(t('no-instance')), buttons(button(t('button-deploy'), press('command', { name: 'deploy' }), 'primary'))])
    : view(viewId, [note(t('no-instance-for-viewers'))])

export const chooseInstanceView = (name: string, argument: string, instances: ChatContext['instances']) =>
  view('choose-instance', [
    {
      kind: 'choice',
      name: 'instance',
      label: t('choose-instance'),
      options: instances.map((instance) => ({
        label: literal(instance.name),
        press: { action: 'command', args: { name, argument, instanceId: instance.id } },
      })),
    },
  ])

/** What replaces a flow's screen when it is over. */
export const closedView = (context: ChatContext, text: Text) =>
  view(context.conversation.viewId ?? `closed:${context.requestId}`, [note(text)])
