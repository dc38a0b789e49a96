import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  createSecretBox,
  gatewayTokenPurpose,
  parseKeyRing,
  resealAll,
  sealedState,
  standbyTokenPurpose,
  subKeyPurpose,
} from '../../../core/secrets/index.ts'
import { SEALED_COLUMNS } from '../../../core/secrets/sealed-columns.ts'
import { createTestDatabase, type TestDatabase } from '../../support/database.ts'
import { quietLog } from '../../support/services.ts'

const key = () => randomBytes(32).toString('base64')
const [first, second] = [key(), key()]
const boxOf = (ring: string) => createSecretBox(parseKeyRing(ring))
const old = boxOf(`1:${first}`)

let test: TestDatabase
beforeAll(async () => {
  test = await createTestDatabase()
  const prisma = await test.database.prisma()
  await prisma.person.create({ data: { id: 'per_1', workspaces: { create: { id: 'wsp_1', kind: 'personal' } } } })
  // More than one batch, and one instance that was destroyed: it has no secrets any more.
  await prisma.instance.createMany({
    data: Array.from({ length: 121 }, (_, index) => {
      const id = `ins_${String(index).padStart(3, '0')}`
      return {
        id,
        workspaceId: 'wsp_1',
        ownerPersonId: 'per_1',
        name: id,
        planId: 'lite',
        state: 'running',
        model: 'm',
        platform: 'web',
        chatId: 'c',
        userId: 'u',
        language: 'en',
        hostProvider: 'local',
        gatewayTokenSealed: index === 120 ? null : old.seal(`token of ${id}`, gatewayTokenPurpose(id)),
        subKeySealed: index === 120 ? null : old.seal(`key of ${id}`, subKeyPurpose(id)),
      }
    }),
  })
  await prisma.standby.create({
    data: {
      id: 'sby_1',
      hostProvider: 'local',
      hostId: 'oc-standby-1',
      runtimeVersion: '1',
      gatewayTokenSealed: old.seal('token of sby_1', standbyTokenPurpose('sby_1')),
      state: 'ready',
    },
  })
})
afterAll(() => test.close())

it('every sealed column of the schema is in the list of what is sealed anew', async () => {
  const schema = await readFile(new URL('../../../prisma/schema.prisma', import.meta.url), 'utf8')
  const inSchema = [...schema.matchAll(/^model \w+ \{\n([\s\S]*?)^\}/gm)].flatMap(([, body = '']) => {
    const table = /@@map\("(\w+)"\)/.exec(body)?.[1]
    const columns = [...body.matchAll(/^\s+(?:sealed|\w*Sealed)\s+String\??(?:.*@map\("(\w+)"\))?/gm)].map(
      (column) => column[1] ?? 'sealed',
    )
    return columns.map((column) => `${table}.${column}`)
  })
  expect(inSchema.length).toBeGreaterThan(2)
  expect(SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`).sort()).toEqual(inSchema.sort())
})

/** Tokens and sub-keys of instances, tokens of standbys: the others are empty here. */
const COLUMNS_IN_USE = 3

const reports: string[] = []
const reseal = (ring: string) =>
  resealAll({
    pool: test.database.pool,
    box: boxOf(ring),
    ring: parseKeyRing(ring),
    log: quietLog,
    report: (kind, subject) => void reports.push(`${kind} ${subject}`),
  })

it('after a new master key everything opens with the new one alone, and it is said that the old one can go', async () => {
  const { pool } = test.database
  expect(await sealedState(pool, 2)).toBe('241 still under key 1')
  // Without the old key nothing can be done, and nothing is lost: it is told, once a column.
  expect(await reseal(`2:${second}`)).toEqual({ resealed: 0, locked: 241 })
  expect(reports).toHaveLength(COLUMNS_IN_USE)

  expect(await reseal(`2:${second},1:${first}`)).toEqual({ resealed: 241, locked: 0 })
  expect(await reseal(`2:${second},1:${first}`)).toEqual({ resealed: 0, locked: 0 })
  expect(await sealedState(pool, 2)).toBe('all under key 2, no other key is needed')

  const box = boxOf(`2:${second}`)
  const prisma = await test.database.prisma()
  for (const instance of await prisma.instance.findMany({ where: { NOT: { gatewayTokenSealed: null } } })) {
    expect(box.open(instance.gatewayTokenSealed ?? '', gatewayTokenPurpose(instance.id))).toBe(`token of ${instance.id}`)
    expect(box.open(instance.subKeySealed ?? '', subKeyPurpose(instance.id))).toBe(`key of ${instance.id}`)
  }
  const standby = await prisma.standby.findUniqueOrThrow({ where: { id: 'sby_1' } })
  expect(box.open(standby.gatewayTokenSealed, standbyTokenPurpose('sby_1'))).toBe('token of sby_1')
})
