import { note, t, view } from '../chat/build.ts'
import { reply } from '../chat/reply.ts'
import { command } from './command.ts'

/** Enough to see what went wrong, small enough to read on a phone. */
const LOG_LINES = 400

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
            name: `${instance.id}-${now.toISOString().slice(0, 16).replace(/[:T]/g, '-')}.log`,
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
