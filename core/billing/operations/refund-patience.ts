import type { Patience } from '../../operations/index.ts'
import type { Services } from '../../services.ts'
import { tellRefundIsLate } from '../refunds.ts'

/** One try, with the SDK's own: three answers of twenty seconds. */
export const REFUND_TRY_SECONDS = 70

/** We owe the money however long the provider is away. Ten minutes at most between tries: then it is given back soon after. */
export const refundPatience: Patience<Services> = {
  firstSeconds: 1,
  longestSeconds: 600,
  lateAfterSeconds: 3_600,
  late: (transaction, { operation, services }, problem) =>
    tellRefundIsLate(
      transaction,
      services,
      String(operation.args.sessionId),
      problem?.detail ?? problem?.code ?? 'no answer in time',
    ),
}
