import type { z } from 'zod'
import type { Ids } from '../../core/clock.ts'
import { invalid, missing, parameterFailure } from './failure.ts'
import type { FormValue } from './form.ts'
import { list, newCustomer, newLineItem, newPrice, newProduct, newSession, type Price, type Session } from './objects.ts'
import { parameters } from './parameters.ts'
import type { Renewals } from './renewals.ts'
import type { Store, Table } from './store.ts'
import type { Till } from './till.ts'

/** One operation of the API: `run` gets the raw parameters and the id in the path, and answers with an object. */
export type Endpoint = {
  readonly method: 'get' | 'post' | 'delete'
  readonly path: string
  run(raw: { readonly [key: string]: FormValue }, id: string): object
}

/** Sessions live between half an hour and a day. Source: docs.stripe.com/api/checkout/sessions/create. */
const SESSION_MIN_SECONDS = 1_800
const SESSION_MAX_SECONDS = 86_400
const PAGE_LIMIT = 10
const PAGE_LIMIT_MAX = 100

export function endpoints(options: {
  readonly store: Store
  readonly till: Till
  readonly renewals: Renewals
  readonly ids: Ids
  readonly now: () => number
  readonly publicUrl: string
}): readonly Endpoint[] {
  const { store, till, ids, now } = options

  function endpoint<S extends z.ZodType>(
    method: Endpoint['method'],
    path: string,
    schema: S,
    run: (given: z.infer<S>, id: string) => object,
  ): Endpoint {
    return {
      method,
      path,
      run(raw, id) {
        const given = schema.safeParse(raw, { reportInput: true })
        if (!given.success) throw parameterFailure(given.error)
        return run(given.data, id)
      },
    }
  }

  const retrieve = <T extends { id: string; object: string }>(path: string, kind: string, table: Table<T>): Endpoint =>
    endpoint('get', `${path}/:id`, parameters.none, (_, id) => till.need(table.get(id), kind, id))

  type Page = {
    readonly limit?: number | undefined
    readonly starting_after?: string | undefined
    readonly ending_before?: string | undefined
  }
  /** Newest first, as Stripe lists. */
  function page<T extends { id: string }>(url: string, rows: readonly T[], given: Page): object {
    const newest = [...rows].reverse()
    const after = given.starting_after === undefined ? -1 : newest.findIndex((row) => row.id === given.starting_after)
    const before = given.ending_before === undefined ? newest.length : newest.findIndex((row) => row.id === given.ending_before)
    const limit = Math.min(given.limit ?? PAGE_LIMIT, PAGE_LIMIT_MAX)
    const rest = newest.slice(after + 1, before)
    const part = given.ending_before === undefined ? rest.slice(0, limit) : rest.slice(-limit)
    return list(url, part, part.length < rest.length)
  }

  function price(given: {
    price?: string | undefined
    price_data?: NonNullable<z.infer<typeof parameters.session>['line_items'][number]['price_data']> | undefined
  }): Price {
    if (given.price !== undefined) return till.need(store.prices.get(given.price), 'price', given.price)
    const data = given.price_data
    if (!data) throw invalid('You must specify either `price` or `price_data`.', { param: 'line_items[0]' })
    if (data.product === undefined && !data.product_data) {
      throw invalid('You must specify either `product` or `product_data` when creating a price.', {
        param: 'line_items[0][price_data]',
      })
    }
    const product =
      data.product ??
      store.products.put(
        newProduct(till.birth('prod'), {
          name: data.product_data?.name ?? '',
          description: data.product_data?.description ?? null,
          metadata: data.product_data?.metadata ?? {},
        }),
      ).id
    return store.prices.put(
      // An inline price belongs to its session alone: it can't be used again.
      newPrice(till.birth('price'), {
        product: till.need(store.products.get(product), 'product', product).id,
        currency: data.currency,
        unitAmount: data.unit_amount,
        recurring: data.recurring
          ? { interval: data.recurring.interval, interval_count: data.recurring.interval_count ?? 1 }
          : null,
        active: false,
        metadata: {},
      }),
    )
  }

  function createSession(given: z.infer<typeof parameters.session>): Session {
    const expiresAt = given.expires_at ?? now() + SESSION_MAX_SECONDS
    if (expiresAt < now() + SESSION_MIN_SECONDS) {
      throw invalid('The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.', {
        param: 'expires_at',
      })
    }
    if (expiresAt > now() + SESSION_MAX_SECONDS) {
      throw invalid('The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.', {
        param: 'expires_at',
      })
    }
    if (given.customer !== undefined && given.customer_email !== undefined) {
      throw invalid('You may only specify one of these parameters: customer, customer_email.')
    }
    if (given.customer !== undefined && !store.customers.get(given.customer)) throw missing('customer', given.customer)
    const lines = given.line_items.map((line) => {
      const of = price(line)
      if (given.mode === 'payment' && of.recurring) {
        throw invalid('You must provide `mode=subscription` to create a Checkout Session with recurring prices.', {
          param: 'mode',
        })
      }
      return newLineItem(ids.create('li'), of, store.products.get(of.product)?.name ?? '', line.quantity ?? 1)
    })
    if (given.mode === 'subscription' && !lines.some((line) => line.price.recurring)) {
      throw invalid('You must provide at least one recurring price in `subscription` mode.', { param: 'line_items' })
    }

    const id = ids.create('cs_test')
    const customer =
      given.customer ??
      (given.mode === 'subscription'
        ? store.customers.put(newCustomer(till.birth('cus'), { name: null, email: given.customer_email ?? null, metadata: {} }))
            .id
        : null)
    store.checkouts.put({
      id,
      object: 'sandbox.checkout',
      lines,
      subscriptionMetadata: given.subscription_data?.metadata ?? {},
      billingMode: given.subscription_data?.billing_mode?.type ?? 'flexible',
      paymentIntent: null,
      last4: '',
    })
    return store.sessions.put(
      newSession(
        { id, created: now() },
        {
          mode: given.mode,
          amount: lines.reduce((sum, line) => sum + line.amount_total, 0),
          currency: lines[0]?.currency ?? 'usd',
          cancelUrl: given.cancel_url ?? null,
          successUrl: given.success_url,
          clientReferenceId: given.client_reference_id ?? null,
          customer,
          customerEmail: given.customer_email ?? null,
          expiresAt,
          locale: given.locale ?? null,
          metadata: given.metadata ?? {},
          url: `${options.publicUrl}/pay/${id}`,
        },
      ),
    )
  }

  return [
    endpoint('post', '/v1/customers', parameters.customer, (given) =>
      store.customers.put(
        newCustomer(till.birth('cus'), { name: given.name ?? null, email: given.email ?? null, metadata: given.metadata ?? {} }),
      ),
    ),
    retrieve('/v1/customers', 'customer', store.customers),
    endpoint('get', '/v1/customers', parameters.page, (given) => page('/v1/customers', store.customers.all(), given)),

    endpoint('post', '/v1/products', parameters.product, (given) =>
      store.products.put(
        newProduct(till.birth('prod'), {
          name: given.name,
          description: given.description ?? null,
          metadata: given.metadata ?? {},
        }),
      ),
    ),
    retrieve('/v1/products', 'product', store.products),

    endpoint('post', '/v1/prices', parameters.price, (given) =>
      store.prices.put(
        newPrice(till.birth('price'), {
          product: till.need(store.products.get(given.product), 'product', given.product).id,
          currency: given.currency,
          unitAmount: given.unit_amount,
          recurring: given.recurring
            ? { interval: given.recurring.interval, interval_count: given.recurring.interval_count ?? 1 }
            : null,
          active: true,
          metadata: given.metadata ?? {},
        }),
      ),
    ),
    retrieve('/v1/prices', 'price', store.prices),

    endpoint('post', '/v1/checkout/sessions', parameters.session, createSession),
    endpoint('get', '/v1/checkout/sessions', parameters.sessions, (given) => {
      till.expireDue()
      const wanted = store.sessions
        .all()
        .filter(
          (row) =>
            matches(row.customer, given.customer) &&
            matches(row.subscription, given.subscription) &&
            matches(row.payment_intent, given.payment_intent) &&
            matches(row.status, given.status) &&
            within(row.created, given.created),
        )
      return page('/v1/checkout/sessions', wanted, given)
    }),
    endpoint('get', '/v1/checkout/sessions/:id', parameters.none, (_, id) => till.session(id)),
    endpoint('post', '/v1/checkout/sessions/:id/expire', parameters.none, (_, id) => till.expire(id)),

    endpoint('get', '/v1/subscriptions', parameters.subscriptions, (given) => {
      const wanted = store.subscriptions.all().filter(
        (row) =>
          matches(row.customer, given.customer) &&
          // Without a status the real list leaves out what is over.
          (given.status === undefined ? row.status !== 'canceled' : given.status === 'all' || row.status === given.status),
      )
      return page('/v1/subscriptions', wanted, given)
    }),
    retrieve('/v1/subscriptions', 'subscription', store.subscriptions),
    endpoint('post', '/v1/subscriptions/:id', parameters.subscriptionUpdate, (given, id) => options.renewals.update(id, given)),
    endpoint('delete', '/v1/subscriptions/:id', parameters.subscriptionCancel, (_, id) => till.cancelSubscription(id)),

    endpoint('get', '/v1/invoices', parameters.invoices, (given) => {
      const wanted = store.invoices
        .all()
        .filter(
          (row) =>
            matches(row.customer, given.customer) &&
            matches(row.parent.subscription_details.subscription, given.subscription) &&
            matches(row.status, given.status),
        )
      return page('/v1/invoices', wanted, given)
    }),
    retrieve('/v1/invoices', 'invoice', store.invoices),

    endpoint('get', '/v1/invoice_payments', parameters.invoicePayments, (given) => {
      const wanted = store.invoicePayments
        .all()
        .filter(
          (row) =>
            matches(row.invoice, given.invoice) &&
            matches(row.status, given.status) &&
            matches(row.payment.payment_intent, given.payment?.payment_intent),
        )
      return page('/v1/invoice_payments', wanted, given)
    }),
    retrieve('/v1/invoice_payments', 'invoice_payment', store.invoicePayments),
    retrieve('/v1/payment_intents', 'payment_intent', store.paymentIntents),
    retrieve('/v1/charges', 'charge', store.charges),

    endpoint('post', '/v1/refunds', parameters.refund, (given) => {
      const intent = given.payment_intent === undefined ? undefined : store.paymentIntents.get(given.payment_intent)
      if (given.payment_intent !== undefined && !intent) throw missing('payment_intent', given.payment_intent)
      return till.refund({
        charge: store.charges.get(given.charge ?? intent?.latest_charge ?? ''),
        amount: given.amount,
        reason: given.reason ?? null,
        metadata: given.metadata ?? {},
      })
    }),
    endpoint('get', '/v1/refunds', parameters.refunds, (given) => {
      const wanted = store.refunds
        .all()
        .filter((row) => matches(row.payment_intent, given.payment_intent) && matches(row.charge, given.charge))
      return page('/v1/refunds', wanted, given)
    }),
    retrieve('/v1/refunds', 'refund', store.refunds),
    retrieve('/v1/disputes', 'dispute', store.disputes),

    endpoint('get', '/v1/events', parameters.events, (given) => {
      const wanted = store.events
        .all()
        .filter(
          (row) =>
            matches(row.type, given.type) && (given.types?.includes(row.type) ?? true) && within(row.created, given.created),
        )
      return page('/v1/events', wanted, given)
    }),
    retrieve('/v1/events', 'event', store.events),
  ]
}

const matches = (value: string | null, wanted: string | undefined): boolean => wanted === undefined || value === wanted

type Range = { gt?: number | undefined; gte?: number | undefined; lt?: number | undefined; lte?: number | undefined }
const within = (seconds: number, range: Range | undefined): boolean =>
  seconds > (range?.gt ?? -1) &&
  seconds >= (range?.gte ?? 0) &&
  seconds < (range?.lt ?? Number.POSITIVE_INFINITY) &&
  seconds <= (range?.lte ?? Number.POSITIVE_INFINITY)
