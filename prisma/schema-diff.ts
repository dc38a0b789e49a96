import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { SqlQuery, SqlResultSet } from '@prisma/driver-adapter-utils'
import pg from 'pg'

// Node has it; our type libraries are those without a browser's.
declare const WebAssembly: {
  instantiate(
    code: Uint8Array,
    imports: object,
  ): Promise<{ readonly instance: { readonly exports: Readonly<Record<string, unknown>> } }>
}

/**
 * The SQL that turns the database at `url` into what `schema` (the text of schema.prisma) says; empty if it already is.
 * Indexes on expressions and functions are beyond Prisma's schema language and left alone.
 *
 * Development only: Prisma's schema engine as WebAssembly, which needs no download.
 */
export async function schemaDiff(url: string, schema: string): Promise<string> {
  const { bindMigrationAwareSqlAdapterFactory } = await import('@prisma/driver-adapter-utils')
  engineModule ??= loadEngine()
  const { SchemaEngine } = await engineModule
  const pool = new pg.Pool({ connectionString: url })
  const files = [{ path: 'schema.prisma', content: schema }]
  const adapter = bindMigrationAwareSqlAdapterFactory(await catalogueAdapter(pool))
  const engine = await SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => undefined, adapter)
  try {
    const diff = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: '.' },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    })
    const sql = (diff.stdout ?? '').trim()
    return /^-- This is an empty migration\.?$/.test(sql) || sql === '' ? '' : `${sql}\n`
  } finally {
    engine.free()
    await pool.end()
  }
}

// The engine reads columns of PostgreSQL's one-byte type "char", which Prisma's adapter refuses. They are declared text for the
// adapter, and characters again for the engine.
const CHAR_TYPE = 18
const TEXT_TYPE = 25

async function catalogueAdapter(pool: pg.Pool) {
  const { PrismaPg } = await import('@prisma/adapter-pg')
  const { ColumnTypeEnum } = await import('@prisma/driver-adapter-utils')
  const charColumns = new Set<string>()

  const query: (config: pg.QueryArrayConfig, values?: unknown[]) => Promise<pg.QueryArrayResult> = pool.query.bind(pool)
  Object.assign(pool, {
    async query(config: pg.QueryArrayConfig, values?: unknown[]) {
      const result = await query(config, values)
      for (const field of result.fields.filter((one) => one.dataTypeID === CHAR_TYPE)) {
        charColumns.add(field.name)
        field.dataTypeID = TEXT_TYPE
      }
      return result
    },
  })

  const factory = new PrismaPg(pool)
  const connect = factory.connect.bind(factory)
  return Object.assign(factory, {
    async connect() {
      const adapter = await connect()
      const queryRaw = adapter.queryRaw.bind(adapter)
      return Object.assign(adapter, {
        async queryRaw(sql: SqlQuery): Promise<SqlResultSet> {
          const result = await queryRaw(sql)
          const columnTypes = result.columnTypes.map((type, index) =>
            charColumns.has(result.columnNames[index] ?? '') ? ColumnTypeEnum.Character : type,
          )
          return { ...result, columnTypes }
        },
      })
    },
  })
}

// Joined once per process: the glue keeps views into the memory of the first instance.
let engineModule: ReturnType<typeof loadEngine> | null = null

// The package imports its .wasm like a module, which Node 20 does not do: the two halves are joined by hand.
async function loadEngine(): Promise<typeof import('@prisma/schema-engine-wasm')> {
  const require = createRequire(import.meta.url)
  const glue = require.resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const engine = await import('@prisma/schema-engine-wasm/schema_engine_bg')
  const bytes = readFileSync(join(dirname(glue), 'schema_engine_bg.wasm'))
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': engine })
  engine.__wbg_set_wasm(instance.exports)
  // Where the engine leaves its last words; without it a panic hides behind another error.
  Object.assign(globalThis, {
    PRISMA_WASM_PANIC_REGISTRY: { set_message: (message: string) => process.stderr.write(`${message}\n`) },
  })
  const start = instance.exports.__wbindgen_start
  if (typeof start === 'function') start()
  return engine
}
