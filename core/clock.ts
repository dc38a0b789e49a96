/** The time, passed in so that tests can set it. */
export type Clock = { now(): Date }

/** Random ids, passed in for the same reason. `prefix` names the kind: `ord_3f9…`. */
export type Ids = {
  /** 16 random characters of [0-9a-z] behind the prefix: 80 bits, no collisions to plan for. */
  create(prefix: string): string
  /** A short opaque key for a button screen: 10 characters of [0-9A-Za-z], 59 bits. */
  screen(): string
}
