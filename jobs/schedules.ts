import type { Report } from '../core/alerts.ts'
import { type EventDependencies, reconcileCheckouts, reconcileSubscriptions, sweepBilling } from '../core/billing/index.ts'
import { superviseChannels, watchPairings } from '../core/channels/index.ts'
import { type createMeter, readAccountBalance, reconcileLimits } from '../core/credits/index.ts'
import {
  checkModels,
  createAdoption,
  createVanishingCheck,
  reconcileInstances,
  superviseInstances,
} from '../core/instances/index.ts'
import { sweepKeys } from '../core/keys/index.ts'
import type { Queues } from './queue.ts'
import type { Timer } from './timers.ts'

/** How often the tables are looked at for what a crash or a lost queue left behind. */
const SWEEP_SECONDS = 5
const BILLING_SWEEP_SECONDS = 30
/** A crashed gateway is noticed within that. */
const SUPERVISE_SECONDS = 5
const STANDBY_SECONDS = 10
/** Who asks to talk to an assistant waits about this long until its owner hears of it. */
const PAIRING_SECONDS = 5
/** Each look asks the platform, too. A channel that fell silent is told after two of them. */
const CHANNELS_SECONDS = 45
const RECONCILE_SECONDS = 300
/** Gateways that were running before we started are looked over once; those that did not answer again after this. */
const ADOPT_SECONDS = 15
/** Its list is read page by page at the provider: seldom enough to be no burden with thousands. */
const SUBSCRIPTIONS_SECONDS = 1800
const METER_SECONDS = 900
const PRUNE_SECONDS = 3600
/** Customers' own keys: those that could not be judged, and those that nobody needs any more. */
const KEYS_SECONDS = 120
/** While the runtime could not be fetched no order is taken: tried again until it can. */
const PREPARE_SECONDS = 60
/** What a process with the old key ring sealed while the others were restarted. */
const RESEAL_SECONDS = 3600
/** Each run looks at the few assistants that are due; see CHECK_MINUTES. */
const MODEL_CHECK_SECONDS = 60
/** As often as the list of models is fetched anew. */
const MODEL_LIST_SECONDS = 3600

type Sweeps = {
  readonly outbox: { sweep(): Promise<void> }
  readonly router: { recover(): Promise<void> }
  readonly engine: { sweep(): Promise<void> }
}

/** What every process looks after by itself. */
export const sweepTimers = ({ outbox, router, engine }: Sweeps): Timer[] => [
  { name: 'outbox', everySeconds: SWEEP_SECONDS, run: () => outbox.sweep() },
  { name: 'inbox', everySeconds: SWEEP_SECONDS, run: () => router.recover() },
  { name: 'operations', everySeconds: SWEEP_SECONDS, run: () => engine.sweep() },
]

export type WorkerSchedules = {
  readonly queues: Queues
  readonly billing: EventDependencies
  readonly meter: ReturnType<typeof createMeter>
  readonly store: { prune(): Promise<void> }
  readonly standbys: { refill(): Promise<void> }
  readonly report: Report
  /** What the first deploy needs, fetched from the start, so that it seldom waits for it. Quick when it is there. */
  readonly prepareAhead: () => Promise<void>
  /** Seals with the newest key what older ones still hold. */
  readonly reseal: () => Promise<unknown>
}

/** What the processes with the worker role look after. */
export const workerTimers = ({ billing, standbys, report, reseal, prepareAhead }: WorkerSchedules): Timer[] => [
  { name: 'billing', everySeconds: BILLING_SWEEP_SECONDS, run: () => sweepBilling(billing) },
  { name: 'supervisor', everySeconds: SUPERVISE_SECONDS, run: () => superviseInstances(billing.services, report) },
  { name: 'pairings', everySeconds: PAIRING_SECONDS, run: () => watchPairings(billing.services) },
  { name: 'channels', everySeconds: CHANNELS_SECONDS, run: () => superviseChannels(billing.services) },
  { name: 'adoption', everySeconds: ADOPT_SECONDS, run: createAdoption(billing.services) },
  {
    name: 'runtime',
    everySeconds: PREPARE_SECONDS,
    // Not awaited: a stop does not wait for a download.
    run: async () =>
      void prepareAhead().catch((error: unknown) =>
        billing.services.log.warn({ error }, 'nothing could be prepared ahead; the next turn tries again'),
      ),
  },
  { name: 'reseal', everySeconds: RESEAL_SECONDS, run: reseal },
  { name: 'standbys', everySeconds: STANDBY_SECONDS, run: () => standbys.refill() },
]

/** What exactly one process does at a time: comparing our rows with the world outside. */
export async function startReconciling({ queues, billing, meter, store, report }: WorkerSchedules): Promise<void> {
  const { services } = billing
  const { subKeys, log } = services

  // After a start from the first again: the turns are short, and nothing is lost by asking twice.
  let checkoutsAfter: string | null = null
  await queues.every('reconcile', RECONCILE_SECONDS, async () => {
    // Neither waits for the other to be well.
    await reconcileCheckouts(services, { after: checkoutsAfter })
      .then(({ next }) => {
        checkoutsAfter = next
      })
      .catch((error: unknown) =>
        log.warn({ error }, 'checkouts could not be compared with the payment provider; the next run tries again'),
      )
    await reconcileInstances(services, report)
  })

  await queues.every('subscriptions', SUBSCRIPTIONS_SECONDS, async () => {
    await reconcileSubscriptions(billing).catch((error: unknown) =>
      log.warn({ error }, 'subscriptions could not be compared with the payment provider; the next run tries again'),
    )
  })

  await queues.every('credit', METER_SECONDS, async () => {
    await meter.readAll()
    const { missing, disabled, strays, unknown, failed } = await reconcileLimits(services)
    for (const instanceId of missing) report('sub-key-missing', `sub-key-missing:${instanceId}`, { instanceId })
    for (const instanceId of disabled) report('sub-key-disabled', `sub-key-disabled:${instanceId}`, { instanceId })
    for (const { instanceId, reason } of failed) report('sub-key-unread', `sub-key-unread:${instanceId}`, { instanceId, reason })
    for (const { name } of unknown) report('sub-key-unknown', `sub-key-unknown:${name}`, { name })
    for (const { hash, name } of strays) {
      report('sub-key-stray', `sub-key-stray:${name}`, { name })
      await subKeys.delete(hash).catch((error: unknown) => log.warn({ error, name }, 'a stray sub-key could not be deleted'))
    }
    const { state, balanceMicros } = await readAccountBalance(subKeys)
    if (state !== 'enough') report('credit-balance', `credit-balance:${state}`, { micros: String(balanceMicros) })
  })

  await queues.every('own-keys', KEYS_SECONDS, () => sweepKeys(services))
  await queues.every('models', MODEL_CHECK_SECONDS, () => checkModels(services))
  await queues.every('models-list', MODEL_LIST_SECONDS, createVanishingCheck(services))
  await queues.every('prune', PRUNE_SECONDS, () => store.prune())
}
