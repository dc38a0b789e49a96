import { invalid } from './failure.ts'
import { list } from './objects.ts'
import type { Store } from './store.ts'

/** Which id fields can become their objects. Stripe's own list is longer. */
type Expandable = 'customer' | 'subscription' | 'invoice' | 'payment_intent' | 'latest_invoice' | 'latest_charge' | 'charge'

/**
 * Replaces ids by their objects along `expand[]=subscription.latest_invoice`. `data.` goes into a list's items;
 * `line_items` of a session and `payments` of an invoice are there only when asked for.
 */
export function expanded(store: Store, object: object, paths: readonly string[]): object {
  return paths.reduce((result, path) => expandPath(store, result, path.split('.'), path), object)
}

function expandPath(store: Store, object: object, parts: readonly string[], whole: string): object {
  const [part, ...rest] = parts
  if (part === undefined) return object
  const fields: Record<string, unknown> = { ...object }
  const value = part in fields ? fields[part] : included(store, fields, part)
  if (part === 'data' && Array.isArray(value)) {
    return { ...fields, data: value.map((item: unknown) => (isObject(item) ? expandPath(store, item, rest, whole) : item)) }
  }
  if (value === undefined) throw invalid(`This property cannot be expanded (${whole}).`, { param: 'expand' })
  if (value === null) return object
  const target = typeof value === 'string' ? find(store, part, value, whole) : value
  if (!isObject(target)) throw invalid(`This property cannot be expanded (${whole}).`, { param: 'expand' })
  return { ...fields, [part]: expandPath(store, target, rest, whole) }
}

function included(store: Store, fields: Readonly<Record<string, unknown>>, part: string): object | undefined {
  const id = String(fields.id)
  if (fields.object === 'checkout.session' && part === 'line_items') {
    return list(`/v1/checkout/sessions/${id}/line_items`, store.checkouts.get(id)?.lines ?? [])
  }
  if (fields.object === 'invoice' && part === 'payments') {
    return list(
      '/v1/invoice_payments',
      store.invoicePayments.all().filter((payment) => payment.invoice === id),
    )
  }
  return undefined
}

function find(store: Store, part: string, id: string, whole: string): object | undefined {
  const tables: Readonly<Record<Expandable, { get(id: string): object | undefined }>> = {
    customer: store.customers,
    subscription: store.subscriptions,
    invoice: store.invoices,
    latest_invoice: store.invoices,
    payment_intent: store.paymentIntents,
    latest_charge: store.charges,
    charge: store.charges,
  }
  const table = Object.entries(tables).find(([name]) => name === part)?.[1]
  if (!table) throw invalid(`This property cannot be expanded (${whole}).`, { param: 'expand' })
  return table.get(id)
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
