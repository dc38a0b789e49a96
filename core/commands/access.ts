import {
  audited,
  GIVEN_ROLES,
  type GivenRole,
  giveRole,
  meantBy,
  moveAssistants,
  type PersonHere,
  peopleHere,
  personalWorkspaceOf,
  planMove,
  type Renamed,
  renamedIn,
  standingIn,
} from '../access/index.ts'
import { button, buttons, fields, literal, note, paragraph, press, t, title, view } from '../chat/build.ts'
import { type ChatContext, type Effect, type Reply, reply } from '../chat/reply.ts'
import { say } from '../chat/stock-replies.ts'
import type { Block, Text, View } from '../chat/view.ts'
import { command } from './command.ts'
import { talkBlock } from './connect/index.ts'

/** People on one screen: more are given a role by typing their name. */
const MOST_SHOWN = 20

/** Last words of `/access <somebody> <role>`, in the languages we speak. */
const ROLE_WORDS: Readonly<Record<string, GivenRole | 'none'>> = {
  admin: 'admin',
  管理员: 'admin',
  member: 'member',
  成员: 'member',
  viewer: 'viewer',
  观察者: 'viewer',
  none: 'none',
  无: 'none',
}

/** What the platform calls its own roles is its business: a mention or an id is all we keep. */
const ROLE_MENTION = /^<?@?&?([\w-]{1,64})>?$/

export type AccessFacts = {
  readonly self: ReturnType<typeof standingIn>
  readonly ownerPersonId: string
  readonly adminRoleId: string | null
  /** What the platform calls that role; null where it does not say. */
  readonly adminRoleName: string | null
  /** The platform tells who administers the group. */
  readonly told: boolean
  /** The platform has roles of its own, one of which can be named. */
  readonly hasRoles: boolean
  readonly people: readonly PersonHere[]
}

export const access = command({
  name: 'access',
  description: 'command-access',
  needs: 'admin',
  argument: 'text',
  option: { description: 'option-access' },

  async run(context, { argument }) {
    if (context.workspace.kind === 'personal') {
      const talk = await talkBlock(context)
      return reply(view('access', [note(t('access-own-chat')), talk ?? note(t('access-talk-none'))]))
    }
    if (argument === '') return reply(accessView(await factsOf(context), await talkBlock(context)))
    const named = /^(?:role|角色)\s+(\S+)$/i.exec(argument)?.[1]
    if (named !== undefined) return nameRole(context, named)
    const [, typed = argument, word = ''] = /^([\s\S]+?)\s+(\S+)$/.exec(argument) ?? []
    const role = ROLE_WORDS[word.toLowerCase()]
    if (role === undefined) return chooseRole(context, argument)
    const person = await meant(context, typed)
    return 'views' in person ? person : give(context, person.personId, role)
  },

  actions: {
    show: { needs: 'admin', run: async (context) => reply(accessView(await factsOf(context), await talkBlock(context))) },
    person: { needs: 'admin', run: (context, args) => showPerson(context, String(args.personId)) },
    give: {
      needs: 'admin',
      run: (context, args) => give(context, String(args.personId), args.role === 'none' ? 'none' : givenRole(args.role)),
    },
    role: { needs: 'admin', run: (context, args) => nameRole(context, String(args.role ?? 'none')) },
    /** On the notice that we were taken out of a group; pressed in a private chat. */
    adopt: { needs: 'owner', run: (context, args) => adopt(context, String(args.workspaceId)) },
  },
})

const givenRole = (word: unknown): GivenRole => GIVEN_ROLES.find((role) => role === word) ?? 'viewer'
const groupOf = ({ incoming, workspace }: ChatContext) => ({
  id: workspace.id,
  platform: incoming.platform,
  groupId: incoming.chat.groupId ?? incoming.chat.id,
})

async function factsOf(context: ChatContext): Promise<AccessFacts> {
  const prisma = await context.services.database.prisma()
  const workspace = await prisma.workspace.findUniqueOrThrow({ where: { id: context.workspace.id } })
  const people = await peopleHere(prisma, groupOf(context))
  const { groupRole, groupRoleIds } = context.incoming.sender
  const grant = people.find(({ personId }) => personId === context.personId)?.grant ?? null
  return {
    self: standingIn(
      { kind: 'group', ownerPersonId: workspace.ownerPersonId, adminRoleId: workspace.adminRoleId, grant },
      { id: context.personId, groupRole, groupRoleIds },
    ),
    ownerPersonId: workspace.ownerPersonId,
    adminRoleId: workspace.adminRoleId,
    adminRoleName: await nameOfRole(context, workspace.adminRoleId),
    told: groupRole !== undefined,
    hasRoles: groupRoleIds !== undefined,
    people,
  }
}

async function nameOfRole(context: ChatContext, roleId: string | null): Promise<string | null> {
  const { platform, groupId } = groupOf(context)
  return roleId === null ? null : context.services.roleName(platform, groupId, roleId)
}

const roleText = (role: string): Text => t(`access-role-${role}`)

/** Who has which role here and why, and whom to give another. */
export function accessView(
  { self, ownerPersonId, adminRoleId, adminRoleName, told, hasRoles, people }: AccessFacts,
  talk: Block | null = null,
): View {
  const owner = people.find(({ personId }) => personId === ownerPersonId)
  const given = people.filter(({ grant, personId }) => grant !== null && personId !== ownerPersonId)
  const others = people.filter(({ personId }) => personId !== ownerPersonId)
  const blocks: (Block | false | null)[] = [
    title(t('access-title')),
    fields(
      [
        t('access-you'),
        t('access-standing', { role: { text: roleText(self.role) }, why: { text: t(`access-why-${self.why}`) } }),
      ],
      owner !== undefined && [t('access-role-owner'), literal(owner.name)],
      told && [t('access-of-platform'), roleText('admin')],
      adminRoleId !== null && [t('access-of-named-role', { role: adminRoleName ?? adminRoleId }), roleText('admin')],
      ...given.map(({ name, grant }) => [literal(name), roleText(grant ?? 'viewer')] as const),
      [t('access-everybody-else'), roleText('viewer')],
    ),
    note(t('access-explained')),
    others.length > 0 && {
      kind: 'choice',
      name: 'person',
      label: t('access-choose'),
      options: others.slice(0, MOST_SHOWN).map(({ personId, name, grant }) => ({
        label: literal(name),
        ...(grant !== null && { note: roleText(grant) }),
        press: press('access.person', { personId }),
      })),
    },
    others.length === 0 && note(t('access-nobody-yet')),
    hasRoles && note(t('access-name-role')),
    talk,
    adminRoleId !== null && buttons(button(t('access-unname-role'), press('access.role', { role: 'none' }), 'quiet')),
  ]
  // Its buttons work where the workspace is, so it is shown there.
  return view('access', blocks)
}

export function personView(person: PersonHere): View {
  const choose = (role: GivenRole) =>
    button(
      roleText(role),
      press('access.give', { personId: person.personId, role }),
      person.grant === role ? 'primary' : 'default',
    )
  return view('access', [
    title(t('access-person-title', { name: person.name })),
    fields(...GIVEN_ROLES.map((role) => [roleText(role), t(`access-may-${role}`)] as const)),
    buttons(
      ...GIVEN_ROLES.map(choose),
      person.grant !== null &&
        button(t('access-take'), press('access.give', { personId: person.personId, role: 'none' }), 'danger'),
      button(t('flow-back'), press('access.show'), 'quiet'),
    ),
  ])
}

/** Whoever typed words mean, or the answer that says why nobody. */
async function meant(context: ChatContext, typed: string): Promise<PersonHere | Reply> {
  const prisma = await context.services.database.prisma()
  const found = meantBy(await peopleHere(prisma, groupOf(context)), typed)
  const [person] = found
  if (!person) return say(context, t('access-unknown', { name: typed }), 'warning')
  return found.length === 1 ? person : say(context, t('access-several', { name: typed }), 'warning')
}

async function chooseRole(context: ChatContext, typed: string): Promise<Reply> {
  const person = await meant(context, typed)
  return 'views' in person ? person : reply(personView(person))
}

async function personOf(context: ChatContext, personId: string): Promise<PersonHere | null> {
  const prisma = await context.services.database.prisma()
  return (await peopleHere(prisma, groupOf(context))).find((known) => known.personId === personId) ?? null
}

async function showPerson(context: ChatContext, personId: string): Promise<Reply> {
  const person = await personOf(context, personId)
  return person ? reply(personView(person)) : { views: [], toast: t('access-gone') }
}

/** Counts from their next action on: nothing of a role is remembered anywhere. */
async function give(context: ChatContext, personId: string, role: GivenRole | 'none'): Promise<Reply> {
  const person = await personOf(context, personId)
  if (!person) return { views: [], toast: t('access-gone') }
  const facts = await factsOf(context)
  const grant = role === 'none' ? null : role
  const after = facts.people.map((known) => (known.personId === personId ? { ...known, grant } : known))
  const change: Effect = (transaction) =>
    giveRole(transaction, { workspaceId: context.workspace.id, personId, role: grant, by: context.personId })
  return {
    ...reply(accessView({ ...facts, people: after })),
    toast:
      role === 'none'
        ? t('access-taken', { name: person.name })
        : t('access-given', { name: person.name, role: { text: roleText(role) } }),
    effects: [change, audited(context, role === 'none' ? 'role-taken' : 'role-given', { name: person.name, role })],
  }
}

/** The platform's role whose holders administer the group's assistants beside who administers the group; `none` for none. */
async function nameRole(context: ChatContext, typed: string): Promise<Reply> {
  if (context.incoming.sender.groupRoleIds === undefined) return say(context, t('access-no-roles'), 'warning')
  const word = ROLE_MENTION.exec(typed)?.[1]
  if (word === undefined) return say(context, t('access-role-unclear', { role: typed }), 'warning')
  const adminRoleId = ROLE_WORDS[word.toLowerCase()] === 'none' ? null : word
  const change: Effect = async (transaction) => {
    await transaction.workspace.update({ where: { id: context.workspace.id }, data: { adminRoleId } })
  }
  const [facts, adminRoleName] = await Promise.all([factsOf(context), nameOfRole(context, adminRoleId)])
  const role = adminRoleName ?? adminRoleId ?? ''
  return {
    ...reply(accessView({ ...facts, adminRoleId, adminRoleName })),
    effects: [change, audited(context, adminRoleId === null ? 'role-unnamed' : 'role-named', { role })],
  }
}

/** What one pays for in a group that we had to leave, taken along into one's own chat. */
async function adopt(context: ChatContext, workspaceId: string): Promise<Reply> {
  const { personId, incoming, language } = context
  const here = personalWorkspaceOf(personId)
  const prisma = await context.services.database.prisma()
  const group = await prisma.workspace.findUnique({ where: { id: workspaceId } })
  if (context.workspace.id !== here || !group) return { views: [], toast: t('button-expired') }
  if (group.leftAt === null) return reply(view(`group-left:${workspaceId}`, [note(t('group-left-back'))]))
  const move = { from: workspaceId, to: here, paidBy: personId }
  const plan = await planMove(prisma, move)
  if (plan.instances.length === 0) return reply(view(`group-left:${workspaceId}`, [note(t('group-left-nothing'))]))
  const change: Effect = async (transaction) => {
    const still = await transaction.workspace.count({ where: { id: workspaceId, leftAt: { not: null } } })
    if (still === 0) return
    await moveAssistants(transaction, move)
    await transaction.instance.updateMany({
      where: { id: { in: plan.instances.map(({ id }) => id) } },
      data: { platform: incoming.platform, chatId: incoming.chat.id, userId: incoming.sender.id, language },
    })
  }
  return {
    ...reply(adoptedView(workspaceId, plan.instances.length, renamedIn(plan))),
    effects: [
      change,
      audited(context, 'adopt', { count: plan.instances.length }),
      audited(context, 'adopt', { count: plan.instances.length }, workspaceId),
    ],
  }
}

export const adoptedView = (workspaceId: string, count: number, renamed: readonly Renamed[]): View =>
  view(
    `group-left:${workspaceId}`,
    [
      note(t('group-left-adopted', { count })),
      renamed.length > 0 && renamedNote(renamed),
      buttons(button(t('button-instances'), press('command', { name: 'instances' }), 'primary')),
    ],
    { tone: 'success', visibility: 'private' },
  )

/** Two assistants of one name came together. */
export const renamedNote = (renamed: readonly Renamed[]): Block =>
  paragraph(t('link-renamed', { names: renamed.map(({ from, to }) => `${from} → ${to}`).join(', ') }))
