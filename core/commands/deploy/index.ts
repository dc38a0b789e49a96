import { command } from '../command.ts'
import { deployFlow } from './flow.ts'
import { goOnFromElsewhere } from './go-on.ts'

export { NAME_MAX } from './name.ts'
export { deployFlow }

export const deploy = command({
  name: 'deploy',
  description: 'command-deploy',
  needs: 'admin',
  argument: 'none',
  run: async (context) => (await goOnFromElsewhere(context)) ?? deployFlow.start(context, {}),
})
