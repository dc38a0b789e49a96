import { createLocaliser } from '../../core/i18n/index.ts'
import { BUDGETS, CURATED, curatedOf } from '../../core/models/curated.ts'
import type { PriceClass } from '../../core/models/index.ts'

import { KNOWN_MODELS, makerOf } from '../../core/models/table.ts'

const localiser = createLocaliser()
const english = (id: string) => localiser.text({ id }, 'en')
const code = (text: string) => `\`${text}\``
const list = (all: readonly string[]) => (all.length === 0 ? '–' : all.map(code).join(', '))

/** Aligned, as the formatter would have it. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = heads.map((head, at) => Math.max(3, head.length, ...rows.map((cells) => cells[at]?.length ?? 0)))
  const row = (cells: readonly string[], fill = ' ') =>
    `| ${widths.map((width, at) => (cells[at] ?? '').padEnd(width, fill)).join(' | ')} |`
  return [row(heads), row([], '-'), ...rows.map((cells) => row(cells))].join('\n')
}

const BUDGET_NAMES: Readonly<Record<PriceClass, string>> = { 0: 'Free', 1: 'Cheap', 2: 'Middle', 3: 'Dear' }

/** docs/models.md, from the tables in core/models/. */
export function modelsPage(): string {
  const names = KNOWN_MODELS.map(({ id, native = [], aliases = [] }) => {
    const maker = makerOf(id)
    return [code(id), maker === null ? '–' : maker, list(maker === null ? [] : native), list(aliases)]
  })
  const short = CURATED.map(({ id, strength, priceClass }) => [code(id), english(strength), BUDGET_NAMES[priceClass]])
  const budgets = ([0, 1, 2, 3] as const).map((budget) => [
    BUDGET_NAMES[budget],
    BUDGETS[budget].map(({ id }) => code(id)).join(', '),
  ])
  const own = (['anthropic', 'openai', 'google'] as const).map((source) => [
    source,
    curatedOf(source)
      .map(({ id, strength }) => `${code(id)} (${english(strength)})`)
      .join(', '),
  ])
  const pairs = table(
    ['', 'managed credit, own OpenRouter key', 'own key of the maker'],
    [
      [`managed id ${code('anthropic/claude-sonnet-4.6')}`, 'as it stands', 'its native id'],
      [`native id ${list(['claude-sonnet-4-6', 'claude-sonnet-4-5-20250929'])}`, 'its managed id', 'as the provider lists it'],
      [`alias ${code('sonnet')}`, 'managed id of the newest that is sold', 'native id of the newest that is listed'],
      [`OpenClaw's reference ${list(['openrouter/anthropic/…', 'anthropic/…'])}`, 'managed id', 'native id'],
    ],
  )
  return `# Models and their names

This page is made from the tables in \`core/models/\` (\`table.ts\`, \`curated.ts\`); a test fails when it is not up to date. Run
\`npx vitest run tests/core/models --update\` after changing them.

What is on sale, and at which price, says only the live list of whoever sells the AI: OpenRouter's for managed credit, the provider's own for a
customer's key. A model that the list does not have is never switched to, whatever stands here.

## How a name is understood

Whatever is typed is looked up in this order; the first hit counts, and it is always a model of the live list.

1. The id as the seller writes it, without case, blanks around it, quotes, and the routes \`openrouter/\`, \`backup/\` and \`models/\`.
2. Its letters and digits: \`gpt 5.4 mini\`, \`claude-sonnet-4-5\` and \`Claude Sonnet 4.5\` are the same name; a day at the end (\`-20250929\`,
   \`-2026-03-05\`) is left out unless the list has exactly that.
3. A native name of the table below, at whoever sells the model.
4. The name without how finished it is (\`-preview\`, \`-latest\`).
5. An alias of the table: the first of its models that is sold.
6. The newest of a family: \`claude-sonnet-4\` is the newest Claude Sonnet 4.

\`:free\` counts: a model without a free version is not silently replaced by its paid one. A vendor that was typed counts too. What is not found is
answered with the reason (no free version, sold by another provider, several of that name) and the nearest names as buttons.

${pairs}

## Known names

${table(['Managed id', 'Maker', 'Native ids', 'Aliases'], names)}

## The short list

Shown by \`/model\` and in the order of an assistant, where the live list has them.

${table(['Managed id', 'In a word', 'Budget'], short)}

## One list per budget

${table(['Budget', 'Models, the first to try first'], budgets)}

## The short lists of own keys

${table(['Provider', 'Models'], own)}
`
}
