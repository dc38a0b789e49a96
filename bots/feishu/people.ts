import type { Incoming } from '../../core/chat/incoming.ts'
import type { Log } from '../../core/log.ts'
import type { Api, Group, Person } from './api.ts'
import { isChatGone, isNotPermitted, isRefusal, reasonOf } from './faults.ts'
import type { AskedFor } from './receive.ts'

/** Whose assistants a group's are: its own, or those of the whole organisation, whose administrators then administer them. */
export type WorkspaceKind = 'group' | 'tenant'

/** Names change seldom. */
const NAME_SECONDS = 3600
/** A permission that was taken counts from the next thing one does; this only spares the second call for one and the same click. */
const ROLE_SECONDS = 3
/** Somebody we never met is waited for so long for their name; who they are is their id. */
const NAME_PATIENCE_MS = 300
/** An event has to be stored within Feishu's three seconds. */
const ROLE_PATIENCE_MS = 1500
/** Whether we may ask, at all or for somebody outside our organisation, changes only when the app gets a new version. */
const REFUSAL_SECONDS = 600
const MOST_KEPT = 5000

/** What the core may be told of an update; null if it came from a group that we are not in any more. */
export type Completed = Incoming | null

/**
 * Adds to an update what its event did not tell: a name, a language, and what the person may do in the group. Rejects when a role could
 * not be asked for: the update is then not taken, and Feishu gives it again.
 */
export function createPeople({
  api,
  log,
  workspaces,
}: {
  readonly api: Api
  readonly log: Log
  readonly workspaces: WorkspaceKind
}) {
  const persons = createKept<Person>(api.person, REFUSAL_SECONDS)
  // We may be back in a group a moment after we were taken out.
  const groups = createKept<Group>(api.group, ROLE_SECONDS)

  async function nameOf({ openId, nameless }: AskedFor): Promise<Partial<Incoming['sender']>> {
    // Who told their name may still have a language to be asked for, but nobody is waited for because of it.
    const asked = persons.get(openId, NAME_SECONDS).catch((error: unknown) => {
      log.debug({ reason: reasonOf(error) }, 'A name could not be asked for at Feishu')
      return null
    })
    const person = await within(nameless ? NAME_PATIENCE_MS : 0, asked)
    const name = person?.name ?? null
    const locale = person?.locale ?? null
    return {
      ...(nameless && name !== null && { name }),
      ...(locale !== null && { locale: locale.replace('_', '-') }),
    }
  }

  /** Undefined where we are not allowed to know: then whoever began in the group owns its assistants. */
  async function roleIn(groupId: string, { openId, tenant }: AskedFor): Promise<'admin' | 'member' | undefined> {
    const isAdmin =
      workspaces === 'tenant' && tenant?.isTheirs
        ? async () => (await persons.get(openId, ROLE_SECONDS)).runsTenant
        : async () => (await groups.get(groupId, ROLE_SECONDS)).administratorIds.has(openId)
    try {
      const answer = await isAdmin()
      return answer === null ? undefined : answer ? 'admin' : 'member'
    } catch (error) {
      if (isNotPermitted(error)) return undefined
      if (isChatGone(error) || !isRefusal(error)) throw error
      // Feishu answered, and not with a yes.
      return 'member'
    }
  }

  async function titleOf(groupId: string): Promise<string | null> {
    try {
      return (await groups.get(groupId, NAME_SECONDS)).name || null
    } catch (error) {
      if (isChatGone(error)) throw error
      return null
    }
  }

  return {
    async complete(incoming: Incoming, person: AskedFor): Promise<Completed> {
      const { groupId, tenant } = person
      if (groupId === null) return { ...incoming, sender: { ...incoming.sender, ...(await nameOf(person)) } }
      try {
        const [known, groupRole, title] = await Promise.all([
          nameOf(person),
          within(ROLE_PATIENCE_MS, roleIn(groupId, person), new Error('Feishu did not tell in time who administers the group')),
          within(ROLE_PATIENCE_MS, titleOf(groupId)),
        ])
        const ofTenant = workspaces === 'tenant' && tenant?.isTheirs
        return {
          ...incoming,
          chat: {
            ...incoming.chat,
            ...(title !== null && !ofTenant && { title }),
            // Guests of another organisation stay with the group: its assistants are none of theirs.
            ...(ofTenant && { groupId: tenant.key }),
          },
          sender: { ...incoming.sender, ...known, ...(groupRole !== undefined && { groupRole }) },
        }
      } catch (error) {
        if (!isChatGone(error)) throw error
        return null
      }
    },
  }
}

/** The value if it comes in time; else null, or a rejection with `late`. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | null>
async function within<T>(ms: number, promise: Promise<T>, late: Error): Promise<T>
async function within<T>(ms: number, promise: Promise<T>, late?: Error): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const tooLate = new Promise<null>((resolve, reject) => {
    timer = setTimeout(() => (late ? reject(late) : resolve(null)), ms)
  })
  return Promise.race([promise, tooLate]).finally(() => clearTimeout(timer))
}

/** Answers of Feishu's by id, asked for once for everybody who wants one at the same time. */
function createKept<T>(ask: (id: string) => Promise<T>, refusedSeconds: number) {
  const kept = new Map<string, { readonly value: T; readonly at: number }>()
  const underWay = new Map<string, Promise<T>>()
  type Refusal = { readonly error: unknown; readonly until: number }
  let refusal: Refusal | null = null
  const refused = new Map<string, Refusal>()
  const now = () => performance.now() / 1000

  async function fetch(id: string): Promise<T> {
    try {
      const value = await ask(id)
      keepNewest(kept, id, { value, at: now() })
      refused.delete(id)
      return value
    } catch (error) {
      if (isNotPermitted(error)) refusal = { error, until: now() + REFUSAL_SECONDS }
      else if (isRefusal(error)) keepNewest(refused, id, { error, until: now() + refusedSeconds })
      throw error
    } finally {
      underWay.delete(id)
    }
  }

  return {
    /** Not older than so many seconds. */
    async get(id: string, seconds: number): Promise<T> {
      const known = kept.get(id)
      if (known && known.at > now() - seconds) return known.value
      for (const refusedBefore of [refusal, refused.get(id)])
        if (refusedBefore && refusedBefore.until > now()) throw refusedBefore.error
      const asked = underWay.get(id) ?? fetch(id)
      underWay.set(id, asked)
      return asked
    },
  }
}

function keepNewest<T>(kept: Map<string, T>, id: string, value: T): void {
  kept.delete(id)
  kept.set(id, value)
  const oldest = kept.keys().next()
  if (kept.size > MOST_KEPT && !oldest.done) kept.delete(oldest.value)
}
