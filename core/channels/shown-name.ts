import type { Channel } from './channel.ts'

/** The bot as people find it. */
export const shownName = ({ kind, name }: Pick<Channel, 'kind' | 'name'>): string =>
  kind === 'telegram' && name !== '' ? `@${name}` : name
