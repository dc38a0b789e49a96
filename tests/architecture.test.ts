import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { assetPath } from '../core/assets.ts'
import { importsOf, type Source, violations } from './support/architecture.ts'

const FOLDERS = ['core', 'bots', 'jobs', 'prisma', 'sandbox', 'tests']
/** Made by a tool, or not our code. */
const NOT_OURS = /^prisma\/generated\/|\/node_modules\/|^tests\/(fixtures|bench\/anchors)\//

function house(): readonly Source[] {
  const read = (path: string) => ({ path, text: readFileSync(assetPath(path), 'utf8') })
  const inside = FOLDERS.flatMap((folder) =>
    readdirSync(assetPath(folder), { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path).replaceAll('\\', '/')),
  )
  const mine = inside.filter((path) => path.endsWith('.ts') && !NOT_OURS.test(path))
  return [read('main.ts'), ...mine.map(read)]
}

describe('the house', () => {
  it('keeps its rules', () => {
    expect(violations(house())).toEqual([])
  })
})

describe('the rules', () => {
  const of = (path: string, text: string, others: readonly Source[] = []) => violations([{ path, text }, ...others])
  const face = [
    { path: 'core/billing/index.ts', text: '' },
    { path: 'core/billing/insides.ts', text: '' },
  ]
  it.each([
    ['core/ is what the service is', 'core/chat/a.ts', "import { b } from '../../bots/web/b.ts'"],
    ['one chat platform must not depend on another', 'bots/web/a.ts', "import type { B } from '../telegram/b.ts'"],
    ['only main.ts knows everybody', 'jobs/a.ts', "import { b } from '../bots/web/b.ts'"],
    ['only main.ts and the tests know the sandbox', 'jobs/a.ts', "import { b } from '../sandbox/stripe/index.ts'"],
    ['does not depend on tests', 'jobs/a.ts', "import { b } from '../tests/support/b.ts'"],
    ['nothing can stand on it', 'jobs/a.ts', "import { b } from '../main.ts'"],
    ['only used inside the folder named after it (stripe/)', 'core/billing/a.ts', "import type Stripe from 'stripe'"],
    ["Use await import('stripe')", 'core/billing/stripe/a.ts', "import Stripe from 'stripe'"],
    ['it costs 90 MB', 'core/a.ts', "import { PrismaClient } from '../prisma/generated/client.ts'"],
    ['only core/config.ts does', 'core/a.ts', 'const port = process.env.PORT'],
    ['time and chance are passed in', 'bots/web/a.ts', 'const at = new Date()'],
    ['core/a.ts calls Date.now()', 'core/a.ts', 'const at = Date.now()'],
    ['Split it by what it is about', 'core/a.ts', 'line\n'.repeat(401)],
  ])('%s', (sentence, path, text) => {
    expect(of(path, text)).toEqual([expect.stringContaining(sentence)])
  })

  it('a folder is entered by its index.ts', () => {
    expect(of('core/chat/a.ts', "import { b } from '../billing/insides.ts'", face)).toEqual([
      'core/chat/a.ts imports core/billing/insides.ts: other folders see of core/billing/ only what its core/billing/index.ts exports. Import from there, and export it there if it is meant for others.',
    ])
    expect(of('core/chat/a.ts', "import { b } from '../billing/index.ts'", face)).toEqual([])
    expect(of('core/billing/a.ts', "import { b } from './insides.ts'", face)).toEqual([])
  })

  it('no circles, however long; types may', () => {
    const circle = [
      { path: 'core/a.ts', text: "import { b } from './b.ts'" },
      { path: 'core/b.ts', text: "export * from './c.ts'" },
      { path: 'core/c.ts', text: "import { type X, a } from './a.ts'" },
    ]
    expect(violations(circle)).toEqual([
      expect.stringContaining('core/a.ts imports core/b.ts imports core/c.ts imports core/a.ts: a circle'),
    ])
    expect(violations([...circle.slice(0, 2), { path: 'core/c.ts', text: "import { type X } from './a.ts'" }])).toEqual([])
  })

  it('see imports over several lines, exports and dynamic ones, and not what comments say', () => {
    const text = `
import {
  one,
  type Two,
} from './many.ts'
export type { Three } from './types.ts'
import './effect.ts'
// import { no } from './comment.ts'
/* import('./comment.ts') */
const lazy = await import('./lazy.ts')
`
    expect(importsOf(text)).toEqual([
      { from: './many.ts', typeOnly: false, lazy: false },
      { from: './types.ts', typeOnly: true, lazy: false },
      { from: './effect.ts', typeOnly: false, lazy: false },
      { from: './lazy.ts', typeOnly: false, lazy: true },
    ])
  })

  it('let long files be that say why', () => {
    expect(of('core/a.ts', `/** Long because it is one table. */\n${'line\n'.repeat(500)}`)).toEqual([])
  })
})
