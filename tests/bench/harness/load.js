const DRAIN_SECONDS = 10 // what has not been answered by then counts as lost

/**
 * Updates at a steady rate, whether answers come or not. `send(n)` makes the n-th update and resolves with its latency.
 * A timer that fires late sends all that has become due, so the rate holds.
 */
export async function openLoop({ ratePerSecond, seconds, send }) {
  const total = ratePerSecond * seconds
  const latencies = []
  const answers = []
  const start = performance.now()
  await new Promise((resolve) => {
    let sent = 0
    const timer = setInterval(() => {
      const due = Math.min(total, Math.floor(((performance.now() - start) / 1000) * ratePerSecond) + 1)
      for (; sent < due; sent++) answers.push(send(sent).then((latency) => latencies.push(latency)))
      if (sent === total) {
        clearInterval(timer)
        resolve()
      }
    }, 1)
  })
  await Promise.race([Promise.all(answers), pause(DRAIN_SECONDS * 1000)])
  return { ...percentiles(latencies), sent: total, lost: total - latencies.length }
}

/** Each of `chats` people sends the next update when the last one is answered. */
export async function closedLoop({ chats, seconds, send }) {
  const until = performance.now() + seconds * 1000
  const start = performance.now()
  const latencies = []
  let answered = 0
  let inTime = 0
  const everybody = Array.from({ length: chats }, async (_, chat) => {
    while (performance.now() < until) {
      latencies.push(await send(chat))
      answered++
      if (performance.now() < until) inTime++
    }
  })
  await Promise.race([Promise.all(everybody), pause((seconds + DRAIN_SECONDS) * 1000)])
  return { perSecond: inTime / seconds, answered, seconds: (performance.now() - start) / 1000, ...percentiles(latencies) }
}

export function percentiles(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), worst: sorted.at(-1) ?? Number.NaN }
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))
