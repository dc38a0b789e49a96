/** What a form-encoded body or query becomes: `a[b][0][c]=v` is { a: { b: [{ c: 'v' }] } }. Leaves are strings. */
export type FormValue = string | readonly FormValue[] | { readonly [key: string]: FormValue }

type Branch = Map<string, string | Branch>

/** Reads Stripe's nested brackets, `expand[]=x` included. Throws on a name that is both a value and a branch. */
export function parseForm(text: string): { readonly [key: string]: FormValue } {
  const root: Branch = new Map()
  for (const [name, value] of new URLSearchParams(text)) {
    const path = name.split('[').map((part, index) => (index === 0 ? part : part.replace(/\]$/, '')))
    let branch = root
    for (const part of path.slice(0, -1)) branch = descend(branch, part)
    const last = path.at(-1) ?? ''
    branch.set(last === '' ? String(branch.size) : last, value)
  }
  return Object.fromEntries([...root].map(([key, value]) => [key, plain(value)]))
}

function descend(branch: Branch, part: string): Branch {
  const existing = branch.get(part)
  if (existing instanceof Map) return existing
  if (existing !== undefined) throw new SyntaxError(`the parameter ${part} is given both as a value and with brackets`)
  const created: Branch = new Map()
  branch.set(part, created)
  return created
}

function plain(value: string | Branch): FormValue {
  if (typeof value === 'string') return value
  const entries = [...value]
  if (entries.every(([key]) => /^\d+$/.test(key))) {
    return entries.sort(([left], [right]) => Number(left) - Number(right)).map(([, child]) => plain(child))
  }
  return Object.fromEntries(entries.map(([key, child]) => [key, plain(child)]))
}
