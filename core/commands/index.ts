import { ask } from './ask.ts'
import { basics } from './basics.ts'
import type { Command } from './command.ts'
import { deploy, deployFlow } from './deploy/index.ts'
import { destroy, destroyFlow } from './destroy.ts'
import { instances, status } from './instances.ts'
import { logs } from './logs.ts'
import { model } from './model.ts'
import { restart } from './restart.ts'
import { usage } from './usage.ts'

/** Every command, in the order of the menu. */
export const commands: readonly Command[] = [deploy, instances, status, ask, usage, model, restart, logs, destroy, ...basics(() => commands)]

export const flows = [deployFlow, destroyFlow]
