import { createHash } from 'node:crypto'
import type { PrismaTransaction } from '../../prisma/database.ts'
import type { LinkCode } from '../../prisma/generated/client.ts'
import type { Ids } from '../clock.ts'
import { type Problem, ProblemError } from '../problem.ts'

/** Long enough to open another app and type it. */
export const CODE_MINUTES = 10

/** Wrong codes from one person within `CODE_MINUTES`, and codes they may ask for in that time. */
const MOST_ATTEMPTS = 5
const MOST_CODES = 5

/** 31 letters and digits that can't be mistaken for one another; eight of them are 40 bits. */
const UNCLEAR = /[^a-hjkmnp-z2-9]/g
const CODE_LENGTH = 8

export type Account = { readonly platform: string; readonly externalId: string }

const refuse = (problem: Omit<Problem, 'retryable'>): never => {
  throw new ProblemError({ retryable: false, ...problem })
}

/** `ABCD-EFGH`. */
export function newCode(ids: Ids): string {
  let letters = ''
  while (letters.length < CODE_LENGTH) letters += ids.create('').replace(UNCLEAR, '')
  return `${letters.slice(0, 4)}-${letters.slice(4, CODE_LENGTH)}`.toUpperCase()
}

/** What is stored of a code, however it was typed. */
export const codeHash = (typed: string): string =>
  createHash('sha256')
    .update(typed.toUpperCase().replace(/[^A-Z0-9]/g, ''))
    .digest('hex')

const sinceWindow = (now: Date) => new Date(now.getTime() - CODE_MINUTES * 60_000)

/** Keeps a new code; older ones of this person are over. Throws ProblemError `link-too-many`. */
export async function keepCode(
  transaction: PrismaTransaction,
  code: string,
  { personId, account, now }: { readonly personId: string; readonly account: Account; readonly now: Date },
): Promise<void> {
  const recent = await transaction.linkCode.count({ where: { personId, createdAt: { gt: sinceWindow(now) } } })
  if (recent >= MOST_CODES) refuse({ code: 'link-too-many', text: { id: 'link-too-many', args: { minutes: CODE_MINUTES } } })
  await transaction.linkCode.updateMany({
    where: { personId, usedAt: null, expiresAt: { gt: now } },
    data: { expiresAt: now },
  })
  await transaction.linkCode.create({
    data: {
      codeHash: codeHash(code),
      personId,
      platform: account.platform,
      externalId: account.externalId,
      expiresAt: new Date(now.getTime() + CODE_MINUTES * 60_000),
      createdAt: now,
    },
  })
}

/** The code's row while it is good for something. */
export async function liveCode(
  transaction: Pick<PrismaTransaction, 'linkCode'>,
  hash: string,
  now: Date,
): Promise<LinkCode | null> {
  return transaction.linkCode.findFirst({ where: { codeHash: hash, usedAt: null, expiresAt: { gt: now } } })
}

/** Binds a code to the account that typed it: nobody else can use it from here on. Throws ProblemError `link-over`. */
export async function claimCode(transaction: PrismaTransaction, hash: string, by: Account, now: Date): Promise<void> {
  const { count } = await transaction.linkCode.updateMany({
    where: { codeHash: hash, usedAt: null, byPlatform: null, expiresAt: { gt: now } },
    data: { byPlatform: by.platform, byExternalId: by.externalId },
  })
  if (count === 0) overNow()
}

/** Uses a code up. Throws ProblemError `link-over` if it is no longer good. */
export async function useCode(transaction: PrismaTransaction, hash: string, now: Date): Promise<void> {
  const { count } = await transaction.linkCode.updateMany({
    where: { codeHash: hash, usedAt: null, expiresAt: { gt: now } },
    data: { usedAt: now },
  })
  if (count === 0) overNow()
}

const overNow = () => refuse({ code: 'link-over', text: { id: 'link-over' } })

/** What a wrong code leaves behind in the audit of who typed it, and by which they are slowed down. */
export const WRONG_CODE = 'link-wrong-code'

/** Whether this person typed so many wrong codes lately that they have to wait. */
export async function guessesTooMuch(
  transaction: Pick<PrismaTransaction, 'auditEntry'>,
  workspaceId: string,
  personId: string,
  now: Date,
): Promise<boolean> {
  const wrong = await transaction.auditEntry.count({
    where: { workspaceId, personId, action: WRONG_CODE, createdAt: { gt: sinceWindow(now) } },
  })
  return wrong >= MOST_ATTEMPTS
}
