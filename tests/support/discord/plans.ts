import { Fault, rateLimited } from './fault.ts'

export type PlannedRoute = 'send' | 'edit' | 'interaction' | 'upload'
/** Cut off before (`drop`) or after (`cut`) the work is done, or an answer of a Discord that is unwell. */
export type PlannedKind = 'drop' | 'cut' | '500' | '400'
type Plan = { readonly route: PlannedRoute; readonly kind: PlannedKind | { readonly seconds: number; readonly global: boolean } }

/** Requests that were under way when the wait was imposed are not held against the bot. */
const UNDER_WAY_MS = 100
/** Clocks and timers may be that much early. */
const SLACK_MS = 20

/** What a test wants to go wrong, and the waits that Discord has imposed and looks after. */
export class Plans {
  private readonly plans: Plan[] = []
  private readonly waits = new Map<string, { readonly since: number; readonly until: number; readonly global: boolean }>()

  fail(route: PlannedRoute, kind: PlannedKind, times: number): void {
    this.plans.push(...Array.from({ length: times }, () => ({ route, kind })))
  }
  limit(route: PlannedRoute, seconds: number, global: boolean): void {
    this.plans.push({ route, kind: { seconds, global } })
  }

  /** Throws while a wait runs. `bucket` is what shares a limit: the route with its channel or token. */
  checkWait(bucket: string, isInteraction: boolean): void {
    const now = performance.now()
    // The global limit does not count for answers to interactions.
    const wait = [this.waits.get(bucket), isInteraction ? undefined : this.waits.get('global')].find(
      (one) => one && now < one.until - SLACK_MS,
    )
    if (!wait) return
    const early =
      now - wait.since > UNDER_WAY_MS ? `asked again ${Math.round(wait.until - now)} ms before the wait was over` : undefined
    throw rateLimited((wait.until - now) / 1000, wait.global, early)
  }

  /** What shall become of this request: nothing, or the next fault planned for one of the routes it takes. */
  next(routes: readonly PlannedRoute[], bucket: string): PlannedKind | null {
    const index = this.plans.findIndex(({ route }) => routes.includes(route))
    const [plan] = index < 0 ? [] : this.plans.splice(index, 1)
    if (!plan) return null
    if (typeof plan.kind === 'string') return plan.kind
    const { seconds, global } = plan.kind
    const since = performance.now()
    this.waits.set(global ? 'global' : bucket, { since, until: since + seconds * 1000, global })
    throw rateLimited(seconds, global)
  }
}

/** Discord having a bad day. Not the bot's mistake. */
export const planned = (kind: '500' | '400'): Fault =>
  kind === '500' ? new Fault(500, 0, '500: Internal Server Error') : new Fault(400, 50035, 'Invalid Form Body', { form: [] })
