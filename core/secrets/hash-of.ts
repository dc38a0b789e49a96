import { createHash } from 'node:crypto'

/** What is stored of a random token that opens something: who reads the table can't use it. */
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')
