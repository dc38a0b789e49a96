/** So many calls for a key in a time; the rest is refused. */
export class RateWindow {
  private readonly taken = new Map<string, number[]>()
  private readonly refusedAt = new Map<string, number>()

  constructor(
    private readonly calls: number,
    private readonly perMs: number,
  ) {}

  /** `again` is a refusal by somebody who was refused just before, and did not wait. */
  take(key: string, now: number): 'taken' | 'refused' | 'again' {
    const times = (this.taken.get(key) ?? []).filter((at) => now - at < this.perMs)
    this.taken.set(key, times)
    if (times.length < this.calls) {
      times.push(now)
      return 'taken'
    }
    const before = this.refusedAt.get(key)
    this.refusedAt.set(key, now)
    return before !== undefined && now - before < this.perMs ? 'again' : 'refused'
  }
}
