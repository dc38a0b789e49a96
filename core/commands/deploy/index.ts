import { command } from '../command.ts'
import { deployFlow } from './flow.ts'

export { NAME_MAX } from './name.ts'
export { deployFlow }

export const deploy = command({
  name: 'deploy',
  description: 'command-deploy',
  needs: 'owner',
  argument: 'none',
  run: (context) => deployFlow.start(context, {}),
})
