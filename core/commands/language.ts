import { audited, mayAct } from '../access/index.ts'
import { button, buttons, literal, note, paragraph, press, t, title, view } from '../chat/build.ts'
import { type ChatContext, type Effect, type Reply, reply } from '../chat/reply.ts'
import type { View } from '../chat/view.ts'
import { command } from './command.ts'

export const LANGUAGES = { en: 'English', zh: '中文' } as const
type Code = keyof typeof LANGUAGES
const CODES = Object.keys(LANGUAGES) as readonly Code[]

/** What a person typed for a language: its code or its own name. */
const codeOf = (typed: unknown): Code | undefined =>
  typeof typed === 'string'
    ? CODES.find((code) => code === typed.toLowerCase() || LANGUAGES[code].toLowerCase() === typed.toLowerCase())
    : undefined

export const language = command({
  name: 'language',
  description: 'command-language',
  needs: 'viewer',
  argument: 'text',
  option: { description: 'option-language', suggests: true },
  run: async (context, { argument }) =>
    argument === '' ? reply(languageView(context.language, mayChooseForAll(context))) : setLanguage(context, argument),
  actions: {
    set: { needs: 'viewer', run: async (context, args) => setLanguage(context, args.language) },
    everybody: { needs: 'admin', run: async (context, args) => setForEverybody(context, args.language) },
  },
})

const mayChooseForAll = ({ workspace, role }: ChatContext) => workspace.kind === 'group' && mayAct(role, 'admin')

export const languageView = (current: string, forAll: boolean): View =>
  view('language', [
    title(t('language-title')),
    buttons(
      ...CODES.map((code) =>
        button(literal(LANGUAGES[code]), press('language.set', { language: code }), code === current ? 'primary' : 'default'),
      ),
    ),
    forAll && paragraph(t('language-everybody')),
    forAll &&
      buttons(
        ...CODES.map((code) =>
          button(t('language-everybody-choice', { language: LANGUAGES[code] }), press('language.everybody', { language: code })),
        ),
        button(t('language-everybody-own'), press('language.everybody', { language: null }), 'quiet'),
      ),
  ])

/** The confirmation is already in the new language. */
function setLanguage(context: ChatContext, typed: unknown): Reply {
  const code = codeOf(typed)
  if (!code) return reply(languageView(context.language, mayChooseForAll(context)))
  const change: Effect = async (transaction) => {
    await transaction.person.update({ where: { id: context.personId }, data: { language: code } })
  }
  return {
    ...reply(view('language', [note(t('language-set', { language: LANGUAGES[code] }))], { tone: 'success' })),
    language: code,
    effects: [change],
  }
}

/** For everybody in the group who did not choose one for themselves. */
function setForEverybody(context: ChatContext, typed: unknown): Reply {
  if (context.workspace.kind !== 'group') return { views: [], toast: t('button-expired') }
  const code = codeOf(typed) ?? null
  const change: Effect = async (transaction) => {
    await transaction.workspace.update({ where: { id: context.workspace.id }, data: { language: code } })
  }
  const said = code === null ? t('language-everybody-own-set') : t('language-everybody-set', { language: LANGUAGES[code] })
  return {
    ...reply(view('language', [note(said)], { tone: 'success' })),
    effects: [change, audited(context, 'language', { language: code === null ? '–' : LANGUAGES[code] })],
  }
}
