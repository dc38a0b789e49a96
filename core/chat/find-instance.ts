import type { Command } from '../commands/index.ts'
import { button, literal, press, t } from './build.ts'
import { nearest } from './nearest.ts'
import { type ChatContext, type Reply, reply } from './reply.ts'
import { chooseInstanceView, noInstanceView, say } from './stock-replies.ts'
import type { InstanceSummary } from './store.ts'

/**
 * The instance a command is about: by id from a button, by the name at the beginning of what was typed, or the only one.
 * Else the answer says how to go on: how to get one, which ones there are, or which name was probably meant.
 */
export function findInstance(
  context: ChatContext,
  command: Command,
  argument: string,
  instanceId: string | null,
):
  | { readonly kind: 'instance'; readonly instance: InstanceSummary; readonly rest: string }
  | { readonly kind: 'reply'; readonly reply: Reply } {
  const { instances } = context
  const byId = instanceId === null ? undefined : instances.find((instance) => instance.id === instanceId)
  if (byId) return { kind: 'instance', instance: byId, rest: argument }
  const folded = argument.toLocaleLowerCase()
  const named = [...instances]
    .sort((a, b) => b.name.length - a.name.length)
    .find((instance) => {
      const name = instance.name.toLocaleLowerCase()
      return folded === name || (command.argument === 'instance-and-text' && folded.startsWith(`${name} `))
    })
  if (named) return { kind: 'instance', instance: named, rest: argument.slice(named.name.length).trim() }
  const only = instances[0]
  if (!only) return { kind: 'reply', reply: reply(noInstanceView(context)) }
  if (argument !== '' && command.argument === 'instance') {
    const name = nearest(
      folded,
      instances.map((instance) => instance.name),
    )
    const close = instances.find((instance) => instance.name === name)
    return {
      kind: 'reply',
      reply: say(
        context,
        close
          ? t('unknown-instance-nearest', { name: argument, nearest: close.name })
          : t('unknown-instance', { name: argument }),
        'warning',
        ...(close ? [button(literal(close.name), press('command', { name: command.name, instanceId: close.id }))] : []),
      ),
    }
  }
  if (instances.length === 1) return { kind: 'instance', instance: only, rest: argument }
  return { kind: 'reply', reply: reply(chooseInstanceView(command.name, argument, instances)) }
}
