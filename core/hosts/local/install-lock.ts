import { link, open, rename, rm } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { readOrNull } from './files.ts'
import { identityOf, isRunning, parseIdentity } from './process-identity.ts'

const POLL_MS = 300
/** A lock without a readable owner is one that is being written, or whose writer died in that moment. */
const UNREADABLE_MS = 2000

/**
 * Waits until this process owns the lock file, and returns what releases it. Two processes (roles of one service, two services of a
 * machine) never hold it at once; the lock of a process that is gone is taken over. `isDone` is asked now and then and ends the wait
 * with null by answering true: what the lock protects was done by another.
 */
export async function lockFile(path: string, isDone: () => Promise<boolean>): Promise<(() => Promise<void>) | null> {
  const self = await identityOf(process.pid)
  let unreadableSince: number | null = null
  for (;;) {
    const file = await open(path, 'wx').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return null
      throw error
    })
    if (file) {
      await file.writeFile(`${process.pid}\n${self?.startMark ?? 'unknown'}\n`)
      await file.close()
      return () => rm(path, { force: true })
    }
    if (await isDone()) return null
    const held = (await readOrNull(path)) ?? ''
    const owner = parseIdentity(held)
    if (owner) {
      unreadableSince = null
      if (!(await isRunning(owner))) await takeAway(path, held)
    } else {
      unreadableSince ??= performance.now()
      if (performance.now() - unreadableSince > UNREADABLE_MS) await takeAway(path, held)
    }
    await wait(POLL_MS)
  }
}

/** Removes the lock of a dead owner, and only that: another waiter may have replaced it by its own a moment ago. */
async function takeAway(path: string, held: string): Promise<void> {
  const aside = `${path}.${process.pid}`
  const moved = await rename(path, aside).then(
    () => true,
    () => false,
  )
  if (!moved) return
  if ((await readOrNull(aside)) !== held) await link(aside, path).catch(() => undefined)
  await rm(aside, { force: true })
}
