import { startCycle } from '../../credits/index.ts'
import type { Step } from '../../operations/index.ts'
import { ProblemError } from '../../problem.ts'
import type { Services } from '../../services.ts'

/** The credit of the first period of a subscription that goes on with an instance; once per invoice. */
export const startFirstCycle: Step<Services> = {
  name: 'start-cycle',
  deadlineSeconds: 3_600,

  async run({ operation, services }) {
    const invoice = await services.payments.findInvoice(String(operation.args.invoiceId))
    if (!invoice?.paid) {
      throw new ProblemError({
        code: 'invoice-not-paid',
        retryable: true,
        text: { id: 'billing-provider-unavailable' },
        detail: `invoice ${String(operation.args.invoiceId)} of a paid session is not paid`,
      })
    }
    await startCycle(services, String(operation.args.instanceId), invoice)
  },
}
