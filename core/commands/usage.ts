import { mayAct } from '../access/index.ts'
import { reply } from '../chat/reply.ts'
import { keyOfInstance } from '../keys/index.ts'
import { isOwnKey } from '../models/index.ts'
import { command } from './command.ts'
import { ownUsageView, usageView } from './usage-view.ts'

export const usage = command({
  name: 'usage',
  description: 'command-usage',
  needs: 'viewer',
  argument: 'instance',

  async run({ instance, services, language, now, role }) {
    if (isOwnKey(instance.source)) {
      const key = await keyOfInstance(services, instance.id)
      return reply(ownUsageView(instance, instance.source, key))
    }
    const meter = await services.meter.read(instance.id) // fresh from the provider, falls back to the last reading and says its age
    return reply(usageView(instance, meter, { language, now, mayChange: mayAct(role, 'admin') }))
  },
})
