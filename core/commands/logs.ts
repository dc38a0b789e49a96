import { note, t, view } from '../chat/build.ts'
import { reply } from '../chat/reply.ts'
import { command } from './command.ts'

/** Enough to see what went wrong, small enough to read on a phone. */
const LOG_LINES = 400

/** As its owner calls it, in letters that every platform and disk takes in a file's name. */
function fileName({ id, name }: { readonly id: string; readonly name: string }): string {
  const plain = name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '')
  return plain === '' ? id : plain
}

export const logs = command({
  name: 'logs',
  description: 'command-logs',
  needs: 'admin',
  onlyYou: true,
  argument: 'instance',

  async run({ instance, services, now }) {
    const text = await services.instanceLogs(instance, LOG_LINES)
    if (text.trim() === '') return reply(view(`logs:${instance.id}`, [note(t('logs-empty', { name: instance.name }))]))
    return reply(
      view(
        `logs:${instance.id}`,
        [
          {
            kind: 'file',
            name: `${fileName(instance)}-${now.toISOString().slice(0, 10)}.log`,
            mime: 'text/plain',
            content: text,
            caption: t('logs-caption', { name: instance.name, lines: text.trimEnd().split('\n').length }),
          },
        ],
        // Even redacted, a log says what somebody talked about.
        { visibility: 'private' },
      ),
    )
  },
})
