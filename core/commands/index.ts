export type { Action, Command } from './command.ts'

import type { CommandMenu } from '../chat/platform.ts'
import type { Localiser } from '../i18n/index.ts'
import { ask } from './ask.ts'
import { basics } from './basics.ts'
import type { Command } from './command.ts'
import { deploy, deployFlow } from './deploy/index.ts'
import { destroy, destroyFlow } from './destroy.ts'
import { instances, status } from './instances.ts'
import { logs } from './logs.ts'
import { model } from './model.ts'
import { order } from './order.ts'
import { restart } from './restart.ts'
import { usage } from './usage.ts'

/** Every command, in the order of the menu. */
export const commands: readonly Command[] = [
  deploy,
  instances,
  status,
  ask,
  usage,
  model,
  restart,
  logs,
  destroy,
  order,
  ...basics(() => commands),
]

export const flows = [deployFlow, destroyFlow]

/** The menus platforms publish: one per language. */
export const commandMenus = (localiser: Localiser): CommandMenu[] =>
  localiser.languages.map((language) => ({
    language,
    commands: commands.flatMap(({ name, description, needs }) =>
      description === null
        ? []
        : [
            {
              name,
              description: localiser.text({ id: description }, language),
              options: [],
              forAdmins: needs === 'owner' || needs === 'admin',
            },
          ],
    ),
  }))
