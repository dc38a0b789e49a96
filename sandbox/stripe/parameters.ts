import { z } from 'zod'

/**
 * The parameters the stand-in takes, from form-encoded strings. Strict: what is not listed is refused as unknown, as the
 * real one refuses a misspelt name. (It refuses more than the real one: what ClawCloud has no use for is not listed.)
 */
const integer = z
  .string()
  .regex(/^-?\d+$/, 'must be an integer')
  .transform(Number)
const positive = integer.refine((value) => value >= 0, 'must be at least 0')
const flag = z.enum(['true', 'false']).transform((value) => value === 'true')
const metadata = z.record(z.string().max(40), z.string().max(500))
const currency = z
  .string()
  .regex(/^[a-zA-Z]{3}$/, 'must be a three-letter ISO code')
  .transform((code) => code.toLowerCase())
const url = z.url({ error: 'Not a valid URL' })
const expand = z.array(z.string()).optional()
const page = { limit: positive.optional(), starting_after: z.string().optional(), ending_before: z.string().optional(), expand }
const recurring = z.strictObject({ interval: z.enum(['day', 'week', 'month', 'year']), interval_count: positive.optional() })
const created = z
  .strictObject({ gt: positive.optional(), gte: positive.optional(), lt: positive.optional(), lte: positive.optional() })
  .optional()

export const parameters = {
  none: z.strictObject({ expand }),
  page: z.strictObject(page),

  customer: z.strictObject({ name: z.string().optional(), email: z.string().optional(), metadata: metadata.optional(), expand }),
  product: z.strictObject({ name: z.string(), description: z.string().optional(), metadata: metadata.optional(), expand }),
  price: z.strictObject({
    currency,
    product: z.string(),
    unit_amount: positive,
    recurring: recurring.optional(),
    metadata: metadata.optional(),
    expand,
  }),

  session: z.strictObject({
    mode: z.enum(['payment', 'subscription']),
    line_items: z
      .array(
        z.strictObject({
          price: z.string().optional(),
          price_data: z
            .strictObject({
              currency,
              product: z.string().optional(),
              product_data: z
                .strictObject({ name: z.string().min(1), description: z.string().optional(), metadata: metadata.optional() })
                .optional(),
              unit_amount: positive,
              recurring: recurring.optional(),
            })
            .optional(),
          quantity: positive.optional(),
        }),
      )
      .min(1),
    success_url: url,
    cancel_url: url.optional(),
    client_reference_id: z.string().max(200).optional(),
    customer: z.string().optional(),
    customer_email: z.string().optional(),
    expires_at: integer.optional(),
    locale: z.string().optional(),
    metadata: metadata.optional(),
    subscription_data: z
      .strictObject({
        metadata: metadata.optional(),
        billing_mode: z.strictObject({ type: z.enum(['classic', 'flexible']) }).optional(),
      })
      .optional(),
    payment_intent_data: z.strictObject({ metadata: metadata.optional() }).optional(),
    expand,
  }),
  sessions: z.strictObject({
    ...page,
    customer: z.string().optional(),
    subscription: z.string().optional(),
    payment_intent: z.string().optional(),
    status: z.enum(['open', 'complete', 'expired']).optional(),
    created,
  }),

  subscriptionUpdate: z.strictObject({ cancel_at_period_end: flag.optional(), metadata: metadata.optional(), expand }),
  subscriptionCancel: z.strictObject({ invoice_now: flag.optional(), prorate: flag.optional(), expand }),
  subscriptions: z.strictObject({ ...page, customer: z.string().optional(), status: z.string().optional() }),

  invoices: z.strictObject({
    ...page,
    customer: z.string().optional(),
    subscription: z.string().optional(),
    status: z.string().optional(),
  }),
  invoicePayments: z.strictObject({
    ...page,
    invoice: z.string().optional(),
    payment: z.strictObject({ type: z.enum(['payment_intent', 'charge']), payment_intent: z.string().optional() }).optional(),
    status: z.enum(['open', 'paid', 'canceled']).optional(),
  }),

  refund: z.strictObject({
    payment_intent: z.string().optional(),
    charge: z.string().optional(),
    amount: positive.optional(),
    reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
    metadata: metadata.optional(),
    expand,
  }),
  refunds: z.strictObject({ ...page, payment_intent: z.string().optional(), charge: z.string().optional() }),

  events: z.strictObject({ ...page, type: z.string().optional(), types: z.array(z.string()).optional(), created }),
} as const
