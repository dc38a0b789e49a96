import type { StripeErrorBody } from './failure.ts'

/** Trouble that a test orders for the next requests that match. */
export type Fault = {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  /** Beginning of the path, `/v1/checkout/sessions`. */
  readonly path: string
  /** How many requests it hits; 1 if not said. */
  readonly times?: number
  /**
   * `refuse`: an error answer, nothing done. `lose-answer`: the work is done, the connection closed without an answer.
   * `delay`: the answer comes late. `break`: the connection is closed, nothing done.
   */
  readonly effect:
    | { readonly kind: 'refuse'; readonly status: number; readonly error?: Partial<StripeErrorBody> }
    | { readonly kind: 'lose-answer' }
    | { readonly kind: 'break' }
    | { readonly kind: 'delay'; readonly ms: number }
}

export function createFaults() {
  let faults: { readonly fault: Fault; left: number }[] = []
  return {
    add(fault: Fault): void {
      faults.push({ fault, left: fault.times ?? 1 })
    },
    clear(): void {
      faults = []
    },
    take(method: string, path: string): Fault['effect'] | null {
      const hit = faults.find(
        ({ fault }) => path.startsWith(fault.path) && (fault.method === undefined || fault.method === method),
      )
      if (!hit) return null
      hit.left -= 1
      if (hit.left <= 0) faults = faults.filter((other) => other !== hit)
      return hit.fault.effect
    },
  }
}
export type Faults = ReturnType<typeof createFaults>
