import { expect, it } from 'vitest'
import { spaced } from '../../../core/operations/spaced.ts'

const EVERY_MS = 40

it('work that is spaced runs at once, then once for all that was asked meanwhile, with the space between', async () => {
  const at: number[] = []
  const shows = spaced(EVERY_MS, async () => void at.push(performance.now()))
  for (let count = 0; count < 3; count++) shows.ask()
  await expect.poll(() => at.length).toBe(2)
  const [first = 0, second = 0] = at
  // Timers may fire a millisecond early.
  expect(second - first).toBeGreaterThanOrEqual(EVERY_MS - 2)
  await shows.end()
})

it('work that is spaced does not run again after its end, which waits for the running one', async () => {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  const events: string[] = []
  const shows = spaced(EVERY_MS, async () => {
    events.push('begun')
    await opened
    events.push('over')
  })
  shows.ask()
  shows.ask()
  await expect.poll(() => events).toEqual(['begun'])
  const ended = shows.end().then(() => events.push('ended'))
  shows.ask()
  open()
  await ended
  await new Promise((resolve) => setTimeout(resolve, EVERY_MS * 2))
  expect(events).toEqual(['begun', 'over', 'ended'])
})
