// Draws one chart again and again in a process of its own: node draw.js <module with draw()> <chart as JSON>.
import { writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { percentiles } from './load.js'
import { residentMb } from './process.js'

const WARM_UP = 15
const DRAWINGS = 60

const [module, chart, picture] = process.argv.slice(2)
const began = performance.now()
const { draw } = await import(module)
const png = await draw(JSON.parse(chart))
const firstMs = performance.now() - began
if (picture) writeFileSync(picture, png)
for (let i = 0; i < WARM_UP; i++) await draw(JSON.parse(chart))

const times = []
const delays = []
const cpu = process.cpuUsage()
for (let i = 0; i < DRAWINGS; i++) {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await new Promise((resolve) => setTimeout(resolve, 3)) // the loop turns before and after, so that a block is seen
  const start = performance.now()
  await draw(JSON.parse(chart))
  times.push(performance.now() - start)
  await new Promise((resolve) => setTimeout(resolve, 3))
  delay.disable()
  delays.push(delay.max / 1e6)
}
const { user, system } = process.cpuUsage(cpu)
process.stdout.write(
  `${JSON.stringify({
    firstMs,
    p50: percentiles(times).p50,
    p95: percentiles(times).p95,
    cpuMs: (user + system) / 1000 / DRAWINGS,
    blockedMs: percentiles(delays).p95,
    residentMb: residentMb(process.pid),
    pngKb: png.length / 1024,
    width: png.readUInt32BE(16),
    height: png.readUInt32BE(20),
  })}\n`,
)
process.exit(0)
