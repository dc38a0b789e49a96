/** Runs tasks of one key one after the other, in order of arrival, and tasks of different keys side by side. */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<void>>()

  /** Whether a task of this key is running or waiting. */
  busy(key: string): boolean {
    return this.#tails.has(key)
  }

  /** A task that fails does not stop the ones behind it; its error goes to whoever awaits it. */
  run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key)
    const result = before ? before.then(task) : task()
    const settled = result.then(noop, noop).then(() => {
      if (this.#tails.get(key) === settled) this.#tails.delete(key)
    })
    this.#tails.set(key, settled)
    return result
  }

  /** Resolves when everything that is running or waiting now has finished. */
  async idle(): Promise<void> {
    await Promise.all(this.#tails.values())
  }
}

const noop = () => undefined
