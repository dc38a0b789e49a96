import type { PrismaTransaction } from '../../prisma/database.ts'
import { wakeFlow } from '../chat/wake-flow.ts'
import type { OperationKind, StepContext } from '../operations/index.ts'
import type { Services } from '../services.ts'
import { openKey } from './stored-key.ts'

/** Two calls with a deadline of their own. */
const CHECK_SECONDS = 60

/** Tries a key at its provider and wakes the flow that waits for the outcome. Whatever comes of it, somebody waits: it always wakes. */
export const checkKeyOperation: OperationKind<Services> = {
  kind: 'check-key',
  exclusive: false,
  steps: [
    {
      name: 'check-key',
      deadlineSeconds: CHECK_SECONDS,
      async run({ operation, services, log, save }) {
        const { keyId, model } = operation.args
        const key = await openKey(services, String(keyId))
        if (!key) return
        const verdict = await services.keys.check(key.provider, key.value, typeof model === 'string' ? model : undefined)
        if (verdict.state !== 'valid')
          log.info({ keyId, provider: key.provider, state: verdict.state, detail: verdict.detail }, 'a key was not accepted')
        await save({ state: verdict.state })
      },
    },
  ],
  succeeded: (transaction, context) => conclude(transaction, context, context.operation.data.state),
  failed: (transaction, context) => conclude(transaction, context, 'unreachable'),
}

async function conclude(
  transaction: PrismaTransaction,
  { operation, services }: StepContext<Services>,
  state: unknown,
): Promise<void> {
  const now = services.clock.now()
  if (typeof state === 'string')
    await transaction.providerKey.updateMany({ where: { id: String(operation.args.keyId) }, data: { state, checkedAt: now } })
  await wakeFlow(transaction, operation.args.waiting, { key: operation.id, now })
}
