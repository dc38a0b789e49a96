import { groupLeftView, type PersonHere } from '../../core/access/index.ts'
import type { View } from '../../core/chat/view.ts'
import { accessView, adoptedView, personView } from '../../core/commands/access.ts'
import { auditView, type ShownEntry } from '../../core/commands/audit.ts'
import { languageView } from '../../core/commands/language.ts'
import { askView, joinedView, joinView, linkView } from '../../core/commands/link.ts'
import { confirmView, unlinkView } from '../../core/commands/unlink.ts'
import type { Language } from '../../core/i18n/index.ts'

const here = (personId: string, name: string, grant: string | null = null): PersonHere => ({
  personId,
  name,
  username: null,
  externalId: personId,
  grant,
})
const bob = here('bob', 'Bob', 'member')
const people = [here('ann', 'Ann'), bob, here('mallory', '<b>M</b> *al* _lory_ @everyone'), here('rtl', 'ليلى')]
const onDiscord = { platform: 'discord', name: 'Ann', externalId: '7' }
const onTelegram = { platform: 'telegram', name: 'ann_42', externalId: '42' }

const entry = (id: number, action: string, detail: object, outcome = 'done', platform = 'telegram'): ShownEntry => ({
  id: BigInt(id),
  action,
  outcome,
  platform,
  detail: { by: 'Ann', ...detail },
  createdAt: new Date(Date.UTC(2026, 10, 22, 12, id)),
})
const entries = [
  entry(40, 'destroy', { name: 'Scout' }),
  entry(39, 'model', { name: 'Scout', model: 'GPT-5.4 Mini' }),
  entry(38, 'model.choose', { by: 'Bob' }, 'refused'),
  entry(37, 'foreign-button', { by: 'Eve' }, 'refused', 'discord'),
  entry(36, 'link-wrong-code', { by: 'Eve' }, 'refused', 'discord'),
  entry(35, 'role-given', { name: 'Bob', role: 'member' }),
  entry(34, 'role-named', { role: '77' }),
  entry(33, 'link', { name: 'Ann', platform: 'Discord' }),
  entry(32, 'language', { language: '中文' }),
  entry(31, 'deploy', { name: 'مساعد 🦞' }),
  entry(30, 'restart', { name: 'Scout' }),
]
const living = [
  { name: 'Scout', state: 'running', ownerPersonId: 'ann', plan: { priceCents: 2900, currency: 'usd' } },
  { name: 'Luna', state: 'degraded', ownerPersonId: 'ann', plan: { priceCents: 10_900, currency: 'usd' } },
]

/** The screens about who may do what: roles, linked accounts, the record, a group that was left. */
export const accessScreens = (language: Language): Record<string, View> => ({
  access: accessView({
    self: { role: 'owner', why: 'owner' },
    ownerPersonId: 'ann',
    adminRoleId: '77',
    adminRoleName: 'Crew',
    told: true,
    hasRoles: true,
    people,
  }),
  'access-alone': accessView({
    self: { role: 'admin', why: 'given' },
    ownerPersonId: 'ann',
    adminRoleId: null,
    adminRoleName: null,
    told: false,
    hasRoles: false,
    people: [here('ann', 'Ann')],
  }),
  'access-person': personView(bob),
  'link-code': linkView('ABCD-2345', [onTelegram], 'telegram'),
  'link-code-linked': linkView('ABCD-2345', [onTelegram, onDiscord], 'discord'),
  'link-ask': askView('hash', onTelegram),
  'link-join': joinView('hash', onDiscord),
  'link-joined': joinedView('link', onDiscord, [{ from: 'Scout', to: 'Scout 2' }]),
  unlink: unlinkView([onDiscord]),
  'unlink-none': unlinkView([]),
  'unlink-confirm': confirmView(onDiscord),
  audit: auditView(entries, true),
  'audit-empty': auditView([], false),
  'language-group': languageView(language, true),
  'group-left': groupLeftView({ id: 'wsp_1', title: 'Team 🦞' }, living),
  'group-left-adopted': adoptedView('wsp_1', 2, []),
})
