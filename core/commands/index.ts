export type { Action, Command } from './command.ts'
export { createSuggest } from './suggest.ts'

import { mayAct } from '../access/index.ts'
import type { CommandMenu, CommandOption } from '../chat/platform.ts'
import type { Language, Localiser } from '../i18n/index.ts'
import { access } from './access.ts'
import { ask } from './ask.ts'
import { audit } from './audit.ts'
import { basics } from './basics.ts'
import type { Command } from './command.ts'
import { connect, connectFlow } from './connect/index.ts'
import { deploy, deployFlow } from './deploy/index.ts'
import { destroy, destroyFlow } from './destroy.ts'
import { instances, status } from './instances.ts'
import { changeSourceFlow, key, replaceKeyFlow } from './key/index.ts'
import { link } from './link.ts'
import { CHINESE_NAMES, CHINESE_OPTION_NAMES } from './local-names.ts'
import { logs } from './logs.ts'
import { model } from './model.ts'
import { order } from './order.ts'
import { restart } from './restart.ts'
import { unlink } from './unlink.ts'
import { usage } from './usage.ts'

const withLocalNames = (known: Command): Command => {
  const zh = CHINESE_NAMES[known.name]
  return zh === undefined ? known : { ...known, localNames: { zh } }
}

/** Every command, in the order of the menu. */
export const commands: readonly Command[] = [
  deploy,
  instances,
  status,
  ask,
  usage,
  model,
  connect,
  key,
  restart,
  logs,
  destroy,
  order,
  access,
  link,
  unlink,
  audit,
  ...basics(() => commands),
].map(withLocalNames)

export const flows = [deployFlow, connectFlow, destroyFlow, replaceKeyFlow, changeSourceFlow]

/** The menus platforms publish: one per language. */
export const commandMenus = (localiser: Localiser): CommandMenu[] =>
  localiser.languages.map((language) => ({
    language,
    commands: commands.flatMap((known) => {
      const { name, description, needs } = known
      if (description === null) return []
      const say = (id: string) => localiser.text({ id }, language)
      const localName = known.localNames?.[language]
      return [
        {
          name,
          ...(localName !== undefined && { localName }),
          description: say(description),
          options: optionsOf(known, say, language),
          forAdmins: mayAct(needs, 'admin'),
          onlyYou: known.onlyYou ?? false,
        },
      ]
    }),
  }))

/** None is required: what is missing is asked for, or shows what there is. */
function optionsOf({ argument, option }: Command, say: (id: string) => string, language: Language): CommandOption[] {
  const one = (name: CommandOption['name'], description: string, suggests: boolean): CommandOption => ({
    name,
    ...(language === 'zh' && { localName: CHINESE_OPTION_NAMES[name] }),
    description: say(description),
    required: false,
    suggests,
  })
  return [
    ...(argument === 'instance' || argument === 'instance-and-text' ? [one('assistant', 'option-assistant', true)] : []),
    ...(option ? [one('text', option.description, option.suggests ?? false)] : []),
  ]
}
