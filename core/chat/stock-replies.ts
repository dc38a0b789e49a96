import type { ProblemError } from '../problem.ts'
import { literal, note, t, view } from './build.ts'
import { type ChatContext, type Reply, reply } from './reply.ts'
import type { Text } from './view.ts'

// What the router itself says.

export const say = (context: ChatContext, text: Text, tone: 'info' | 'warning' = 'info'): Reply => ({
  views: [{ view: view(`say:${context.requestId}`, [note(text)], { tone }), place: 'new' }],
})

export const problemReply = (error: ProblemError): Reply => ({
  views: [{ view: view(`problem:${error.problem.code}`, [note(error.problem.text)], { tone: 'warning' }), place: 'new' }],
})

export const pastedSecret = (removed: boolean): Reply =>
  reply(view('pasted-secret', [note(t(removed ? 'secret-pasted-removed' : 'secret-pasted-kept'))], { tone: 'danger' }))

export const noInstanceView = () =>
  view('no-instance', [
    note(t('no-instance')),
    {
      kind: 'buttons',
      buttons: [{ label: t('button-deploy'), style: 'primary', press: { action: 'command', args: { name: 'deploy' } } }],
    },
  ])

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
