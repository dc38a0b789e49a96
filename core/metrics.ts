/**
 * Counters and histograms in Prometheus' text format. Our own, because the usual library costs 11 MB and 40 ms at start
 * for what is a map and a loop here.
 */
export type Metrics = {
  update(platform: string, outcome: string, seconds: number): void
  operation(kind: string, outcome: string): void
  step(kind: string, step: string, outcome: string, seconds: number): void
  webhook(outcome: string): void
  /** `status` is the HTTP status, or `no-answer`. */
  providerCall(vendor: string, status: string | number): void
  /** Read when somebody asks: outbox depth, gateways up. A value that can't be read is left out. */
  gauge(name: string, help: string, read: () => number | Promise<number>): void
  render(): Promise<string>
}

/** From a hot button press to the slowest model turn. */
const UPDATE_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]
/** From a row's update to an OpenClaw start on a new server. */
const STEP_SECONDS = [0.05, 0.25, 1, 2.5, 5, 10, 20, 40, 80, 160, 320]

export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export function createMetrics(): Metrics {
  const families: { render(): string | Promise<string> }[] = []
  const add = <F extends { render(): string }>(family: F): F => {
    families.push(family)
    return family
  }
  const updates = add(counter('clawcloud_updates_total', 'Updates from chat platforms', ['platform', 'outcome']))
  const updateSeconds = add(
    histogram('clawcloud_update_seconds', 'From receipt to committed answer', ['platform'], UPDATE_SECONDS),
  )
  const operations = add(counter('clawcloud_operations_total', 'Operations that ended', ['kind', 'outcome']))
  const steps = add(histogram('clawcloud_step_seconds', 'Steps of operations', ['kind', 'step', 'outcome'], STEP_SECONDS))
  const webhooks = add(counter('clawcloud_webhooks_total', 'Webhooks of the payment provider', ['outcome']))
  const providerCalls = add(counter('clawcloud_provider_calls_total', 'Calls to vendors', ['vendor', 'status']))
  return {
    update(platform, outcome, seconds) {
      updates.add(platform, outcome)
      if (outcome !== 'duplicate') updateSeconds.observe(seconds, platform)
    },
    operation: (kind, outcome) => operations.add(kind, outcome),
    step: (kind, step, outcome, seconds) => steps.observe(seconds, kind, step, outcome),
    webhook: (outcome) => webhooks.add(outcome),
    providerCall: (vendor, status) => providerCalls.add(vendor, String(status)),
    gauge(name, help, read) {
      families.push({ render: async () => `${head(name, help, 'gauge')}${name} ${await read()}\n` })
    },
    async render() {
      const texts = await Promise.allSettled(families.map((family) => family.render()))
      return texts.map((text) => (text.status === 'fulfilled' ? text.value : '')).join('')
    },
  }
}

const head = (name: string, help: string, type: string) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`

// The label text is built once per combination and then is the key of its numbers.
function labels(names: readonly string[], values: readonly string[]): string {
  return names
    .map((name, index) => `${name}="${(values[index] ?? '').replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))}"`)
    .join(',')
}

function counter(name: string, help: string, names: readonly string[]) {
  const counts = new Map<string, number>()
  return {
    add(...values: readonly string[]) {
      const key = labels(names, values)
      counts.set(key, (counts.get(key) ?? 0) + 1)
    },
    render: () => head(name, help, 'counter') + [...counts].map(([key, count]) => `${name}{${key}} ${count}\n`).join(''),
  }
}

function histogram(name: string, help: string, names: readonly string[], bounds: readonly number[]) {
  const series = new Map<string, { counts: number[]; sum: number; total: number }>()
  return {
    observe(value: number, ...values: readonly string[]) {
      const key = labels(names, values)
      const one = series.get(key) ?? { counts: bounds.map(() => 0), sum: 0, total: 0 }
      series.set(key, one)
      const index = bounds.findIndex((bound) => value <= bound)
      if (index >= 0) one.counts[index] = (one.counts[index] ?? 0) + 1
      one.sum += value
      one.total += 1
    },
    render: () =>
      head(name, help, 'histogram') +
      [...series]
        .map(([key, { counts, sum, total }]) => {
          let below = 0
          const buckets = bounds.map((bound, index) => {
            below += counts[index] ?? 0
            return `${name}_bucket{${key},le="${bound}"} ${below}\n`
          })
          return `${buckets.join('')}${name}_bucket{${key},le="+Inf"} ${total}\n${name}_sum{${key}} ${sum}\n${name}_count{${key}} ${total}\n`
        })
        .join(''),
  }
}
