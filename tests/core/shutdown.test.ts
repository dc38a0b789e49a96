import { describe, expect, it } from 'vitest'
import { createShutdown, StartCutShort } from '../../core/shutdown.ts'

describe('stopping', () => {
  it('takes down what was started, the last first, once', async () => {
    const { onStop, stop } = createShutdown()
    const stopped: string[] = []
    onStop((signal) => void stopped.push(`database ${signal}`))
    onStop(async () => void stopped.push('server'))
    await Promise.all([stop('SIGTERM', Promise.resolve()), stop('SIGINT', Promise.resolve())])
    expect(stopped).toEqual(['server', 'database SIGTERM'])
  })

  it('in the middle of a start cuts it short, and stops also what came up meanwhile', async () => {
    const { onStop, stop } = createShutdown()
    const seen: string[] = []
    let databaseIsUp = () => {}
    const start = async () => {
      await new Promise<void>((resolve) => {
        databaseIsUp = resolve
      })
      onStop(() => void seen.push('database stopped'))
      seen.push('server started')
    }
    const starting = start()
    const stopping = stop('SIGTERM', starting)
    databaseIsUp()
    await expect(starting).rejects.toThrow(StartCutShort)
    await stopping
    expect(seen).toEqual(['database stopped'])
  })

  it('goes on behind a part that fails, and tells of it', async () => {
    const { onStop, stop } = createShutdown()
    let closed = false
    onStop(() => {
      closed = true
    })
    onStop(() => Promise.reject(new Error('the queue hangs')))
    await expect(stop('SIGTERM', Promise.resolve())).rejects.toThrow('the queue hangs')
    expect(closed).toBe(true)
  })
})
