import { mayAct } from '../access/index.ts'
import { reply } from '../chat/reply.ts'
import { command } from './command.ts'
import { usageView } from './usage-view.ts'

export const usage = command({
  name: 'usage',
  description: 'command-usage',
  needs: 'viewer',
  argument: 'instance',

  async run({ instance, services, language, now, role }) {
    const meter = await services.meter.read(instance.id) // fresh from the provider, falls back to the last reading and says its age
    return reply(usageView(instance, meter, { language, now, mayChange: mayAct(role, 'admin') }))
  },
})
