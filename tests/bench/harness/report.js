import { mkdir, writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'

/** Figures of one benchmark: a table of medians, the ratios that have a goal, and everything as JSON. */
export async function report(name, { title, columns, rows, goals, rounds, notes = [] }) {
  const print = (line = '') => process.stdout.write(`${line}\n`)
  print(`\n## ${title}`)
  printTable(
    ['', ...columns],
    rows.map(([label, ...values]) => [label, ...values.map(figure)]),
    print,
  )
  print()
  printTable(
    ['goal', 'measured', 'wanted', ''],
    goals.map((goal) => [
      goal.what,
      figure(goal.measured),
      `${goal.atMost ? '≤' : '≥'} ${goal.atMost ?? goal.atLeast}`,
      verdict(goal),
    ]),
    print,
  )
  for (const note of notes) print(note)
  await mkdir('.cache/bench', { recursive: true })
  const result = {
    name,
    node: process.version,
    cpu: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
    columns,
    rows,
    goals: goals.map((goal) => ({ ...goal, pass: passes(goal) })),
    notes,
    rounds,
  }
  await writeFile(`.cache/bench/${name}.json`, `${JSON.stringify(result, null, 2)}\n`)
  return goals.every(passes)
}

const passes = ({ measured, atMost, atLeast }) => (atMost === undefined ? measured >= atLeast : measured <= atMost)

function verdict(goal) {
  if (!passes(goal)) return 'MISSED'
  if (goal.stretch === undefined) return 'met'
  const stretched = passes({
    measured: goal.measured,
    ...(goal.atMost === undefined ? { atLeast: goal.stretch } : { atMost: goal.stretch }),
  })
  return stretched ? 'met, stretch too' : 'met'
}

export function median(values) {
  const sorted = values.filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b)
  if (sorted.length === 0) return Number.NaN
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

function figure(value) {
  if (typeof value !== 'number') return String(value ?? '–')
  if (Number.isNaN(value)) return '–'
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

function printTable(head, rows, print) {
  const widths = head.map((cell, column) => Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`
  print(line(head))
  print(`|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`)
  for (const row of rows) print(line(row))
}
