/**
 * Where an instance is in its life.
 *
 *   provisioning → running ⇄ restarting      running ⇄ degraded (crashed or not answering; being brought back)
 *        │            │                       running → lost (its host is gone; confirmed)
 *        ▼            ▼                       running → suspended → restarting (its subscription is over; everything is kept)
 *      failed     destroying → destroyed
 */
export const INSTANCE_STATES = [
  'provisioning',
  'running',
  'restarting',
  'degraded',
  'suspended',
  'lost',
  'failed',
  'destroying',
  'destroyed',
] as const
export type InstanceState = (typeof INSTANCE_STATES)[number]

export type InstanceAction = 'ask' | 'usage' | 'model' | 'key' | 'restart' | 'logs' | 'destroy'

const ALLOWED: Readonly<Record<InstanceState, readonly InstanceAction[]>> = {
  provisioning: [],
  running: ['ask', 'usage', 'model', 'key', 'restart', 'logs', 'destroy'],
  restarting: ['usage', 'logs'],
  degraded: ['usage', 'restart', 'logs', 'destroy'],
  suspended: ['usage', 'logs', 'destroy'],
  lost: ['usage', 'destroy'],
  failed: ['logs', 'destroy'],
  destroying: [],
  destroyed: [],
}

/** What makes sense in a state; a state of another build allows only looking. */
export function allowedActions(state: string): readonly InstanceAction[] {
  const known = INSTANCE_STATES.find((candidate) => candidate === state)
  return known ? ALLOWED[known] : ['usage', 'logs']
}
