/** Two slips in a short word are still a typing error; more is another word. */
const MOST_EDITS = 2

/** The candidate that was most likely meant, or null. Case is ignored; a prefix counts as meant. */
export function nearest(typed: string, candidates: readonly string[]): string | null {
  const wanted = typed.toLocaleLowerCase().slice(0, 64)
  if (wanted === '') return null
  let best: { candidate: string; edits: number } | null = null
  for (const candidate of candidates) {
    const known = candidate.toLocaleLowerCase()
    const edits = known.startsWith(wanted) ? 0.5 : distance(wanted, known)
    if (edits <= Math.min(MOST_EDITS, known.length / 2) && (!best || edits < best.edits)) best = { candidate, edits }
  }
  return best?.candidate ?? null
}

/** Edits (insert, delete, replace, swap of neighbours) between two words. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  const at = (row: number, column: number) => rows[row]?.[column] ?? 0
  for (let row = 1; row <= a.length; row++) {
    const line = [row]
    rows.push(line)
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1
      let edits = Math.min(at(row - 1, column) + 1, (line[column - 1] ?? 0) + 1, at(row - 1, column - 1) + cost)
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        edits = Math.min(edits, at(row - 2, column - 2) + 1)
      line.push(edits)
    }
  }
  return at(a.length, b.length)
}
