/** Discord's epoch: the first second of 2015, in milliseconds. */
const EPOCH_MS = 1_420_070_400_000n
const SEQUENCES = 4096n

/** Ids as Discord makes them: 42 bits of time, then a sequence; a newer id is a greater number. */
export class Snowflakes {
  private lastMs = 0n
  private sequence = 0n

  next(): string {
    const now = BigInt(Date.now()) - EPOCH_MS
    this.sequence = (this.sequence + 1n) % SEQUENCES
    if (now > this.lastMs) this.lastMs = now
    else if (this.sequence === 0n) this.lastMs += 1n
    return ((this.lastMs << 22n) | this.sequence).toString()
  }

  /** An id that belongs to this shard: Discord counts `(id >> 22) % shards`. */
  onShard(shard: number, shards: number): string {
    const ms = BigInt(this.next()) >> 22n
    const moved = ms + ((BigInt(shard) - ms) % BigInt(shards)) + BigInt(shards)
    this.lastMs = moved
    return ((moved << 22n) | this.sequence).toString()
  }
}

export const shardOf = (guildId: string, shards: number): number => Number((BigInt(guildId) >> 22n) % BigInt(shards))
