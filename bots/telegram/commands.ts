import type { Api } from 'grammy'
import type { LanguageCode } from 'grammy/types'
import { cutText } from '../../core/chat/cut.ts'
import type { CommandMenu } from '../../core/chat/platform.ts'

/** Longest description Telegram takes. */
const DESCRIPTION_MAX = 256

/**
 * Publishes the commands of each language, the first menu also for everybody whose language has none. Menus that are already
 * there are left alone, so that a restart is quick and changes nothing. Rejects with grammY's error.
 */
export async function publishCommands(api: Pick<Api, 'raw'>, menus: readonly CommandMenu[]): Promise<void> {
  const [first] = menus
  if (!first) return
  const wanted = [
    { menu: first, scope: {} },
    ...menus.flatMap((menu) => {
      const code = menu.language.slice(0, 2)
      return isLanguageCode(code) ? [{ menu, scope: { language_code: code } }] : []
    }),
  ]
  await Promise.all(
    wanted.map(async ({ menu, scope }) => {
      const commands = menu.commands.map(({ name, description }) => ({
        command: name,
        description: cutText(description, DESCRIPTION_MAX, 'utf16'),
      }))
      const present = await api.raw.getMyCommands(scope)
      const same =
        present.length === commands.length &&
        present.every(
          (one, index) => one.command === commands[index]?.command && one.description === commands[index]?.description,
        )
      if (!same) await api.raw.setMyCommands({ commands, ...scope })
    }),
  )
}

/** Telegram knows two-letter codes only; a language outside its list would be refused, so it goes without a menu of its own. */
const isLanguageCode = (code: string): code is LanguageCode => /^[a-z]{2}$/.test(code)
