import type { Pool } from 'pg'
import { z } from 'zod'
import { mayAct, roleIn } from '../access/index.ts'
import type { CoreLine, Suggestion } from '../chat/platform.ts'
import type { Log } from '../log.ts'
import type { Catalogue } from '../models/index.ts'
import type { Command } from './command.ts'
import { LANGUAGES } from './language.ts'

/** What a list under a text field can hold on every platform that has one. */
const MOST_SUGGESTIONS = 25
/** A choice that comes later than the next key is worth nothing; then there are none. */
const PATIENCE_MS = 250

type SuggestDependencies = {
  readonly pool: Pool
  readonly catalogue: Pick<Catalogue, 'search'>
  readonly commands: readonly Command[]
  readonly log: Log
}

const Row = z.object({
  person_id: z.string(),
  kind: z.enum(['personal', 'group']),
  owner_person_id: z.string(),
  admin_role_id: z.string().nullable(),
  granted: z.string().nullable(),
  names: z.array(z.string()),
})

/** Everything by primary or unique keys; the instances by (workspace_id, created_at). */
const STANDING = {
  name: 'suggest',
  text: `SELECT i.person_id, w.kind, w.owner_person_id, w.admin_role_id, g.role AS granted,
           ARRAY(SELECT name FROM instances WHERE workspace_id = w.id AND destroyed_at IS NULL ORDER BY created_at LIMIT 50) AS names
         FROM identities i
         JOIN workspaces w ON w.id = CASE WHEN $3::text IS NULL THEN 'wsp_' || i.person_id
           ELSE (SELECT id FROM workspaces WHERE platform = $1 AND external_chat_id = $3) END
         LEFT JOIN grants g ON g.workspace_id = w.id AND g.person_id = i.person_id
         WHERE i.platform = $1 AND i.external_id = $2`,
}

/** Choices for an argument while it is typed, of what the person may use; none when it takes too long or fails. */
export function createSuggest({ pool, catalogue, commands, log }: SuggestDependencies) {
  const known = new Map(commands.map((command) => [command.name, command]))

  async function choices(platform: string, asked: Parameters<CoreLine['suggest']>[0]): Promise<readonly Suggestion[]> {
    const command = known.get(asked.command)
    if (!command) return []
    if (asked.option === 'text' && command.name === 'language')
      return matching(
        Object.entries(LANGUAGES).map(([value, label]) => ({ label, value })),
        asked.typed,
      )
    const { chat, sender } = asked
    const { rows } = await pool.query({
      ...STANDING,
      values: [platform, sender.id, chat.kind === 'group' ? (chat.groupId ?? chat.id) : null],
    })
    const found = Row.safeParse(rows[0])
    // Somebody we never met, or another version's row: there is nothing to offer.
    if (!found.success) return []
    const { kind, owner_person_id: ownerPersonId, admin_role_id: adminRoleId, granted, names, person_id: id } = found.data
    const role = roleIn(
      { kind, ownerPersonId, adminRoleId, grant: granted },
      { id, groupRole: sender.groupRole, groupRoleIds: sender.groupRoleIds },
    )
    if (!mayAct(role, command.needs)) return []
    if (asked.option === 'assistant')
      return command.argument.startsWith('instance')
        ? matching(
            names.map((name) => ({ label: name, value: name })),
            asked.typed,
          )
        : []
    if (!command.option?.suggests) return []
    const models = await catalogue.search(asked.typed, MOST_SUGGESTIONS)
    return models.map(({ id, name }) => ({ label: name, value: id }))
  }

  return async (platform: string, asked: Parameters<CoreLine['suggest']>[0]): Promise<readonly Suggestion[]> => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<readonly Suggestion[]>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS, [])
    })
    const found = choices(platform, asked).catch((error: unknown) => {
      log.debug({ error, command: asked.command }, 'no choices could be offered')
      return []
    })
    const first = await Promise.race([found, late])
    clearTimeout(timer)
    return first
  }
}

/** Those that begin with the words before those that contain them. */
function matching(all: readonly Suggestion[], typed: string): readonly Suggestion[] {
  const wanted = typed.trim().toLocaleLowerCase()
  const at = ({ label, value }: Suggestion) => {
    const found = [label, value].map((text) => text.toLocaleLowerCase().indexOf(wanted)).filter((index) => index >= 0)
    return found.length === 0 ? -1 : Math.min(...found)
  }
  return all
    .map((one) => ({ one, index: at(one) }))
    .filter(({ index }) => index >= 0)
    .sort((a, b) => Math.min(a.index, 1) - Math.min(b.index, 1))
    .slice(0, MOST_SUGGESTIONS)
    .map(({ one }) => one)
}
