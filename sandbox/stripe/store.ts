import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import type { Customer, LineItem, Price, Product, Session } from './objects.ts'
import type { Charge, Dispute, Event, InvoicePayment, PaymentIntent, Refund } from './payment-objects.ts'
import type { Invoice, Subscription } from './subscription-objects.ts'

/** What only the stand-in knows of a session: the lines on its page and the payment intent its attempts share. */
export type Checkout = {
  readonly id: string
  readonly object: 'sandbox.checkout'
  readonly lines: readonly LineItem[]
  readonly subscriptionMetadata: Readonly<Record<string, string>>
  readonly billingMode: 'classic' | 'flexible'
  readonly paymentIntent: string | null
  readonly last4: string
}

/** The answer an idempotency key is bound to. */
type Answered = {
  readonly id: string
  readonly object: 'sandbox.answer'
  readonly fingerprint: string
  readonly status: number
  readonly body: string
}

type Named = { readonly id: string; readonly object: string }

/** One kind of object, newest last. Every `put` is on disk before it returns. */
export type Table<T extends Named> = {
  get(id: string): T | undefined
  all(): readonly T[]
  put(object: T): T
}

export type Store = {
  readonly customers: Table<Customer>
  readonly products: Table<Product>
  readonly prices: Table<Price>
  readonly sessions: Table<Session>
  readonly checkouts: Table<Checkout>
  readonly subscriptions: Table<Subscription>
  readonly invoices: Table<Invoice>
  readonly invoicePayments: Table<InvoicePayment>
  readonly paymentIntents: Table<PaymentIntent>
  readonly charges: Table<Charge>
  readonly refunds: Table<Refund>
  readonly disputes: Table<Dispute>
  readonly events: Table<Event>
  readonly answers: Table<Answered>
}

const JournalLine = z.looseObject({ id: z.string(), object: z.string() })

/**
 * Everything the stand-in remembers, in memory, and with a path also as an append-only file of JSON lines (one object a
 * line, a later line of the same id replaces it). The file is compacted when it is read; a line cut short by a crash is
 * dropped, which at worst loses an answer that was never given.
 */
export function openStore(journalPath?: string): Store {
  const lines = journalPath && existsSync(journalPath) ? readJournal(journalPath) : []
  if (journalPath) {
    mkdirSync(dirname(journalPath), { recursive: true })
    writeFileSync(`${journalPath}.new`, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
    renameSync(`${journalPath}.new`, journalPath)
  }

  function table<T extends Named>(object: T['object']): Table<T> {
    // The journal is our own writing: the kind of the object says its shape.
    const ours = z.custom<T>((value) => JournalLine.safeParse(value).data?.object === object)
    const rows = new Map<string, T>()
    for (const line of lines) if (line.object === object) rows.set(line.id, ours.parse(line))
    return {
      get: (id) => rows.get(id),
      all: () => [...rows.values()],
      put(row) {
        rows.set(row.id, row)
        if (journalPath) appendFileSync(journalPath, `${JSON.stringify(row)}\n`)
        return row
      },
    }
  }

  return {
    customers: table('customer'),
    products: table('product'),
    prices: table('price'),
    sessions: table('checkout.session'),
    checkouts: table('sandbox.checkout'),
    subscriptions: table('subscription'),
    invoices: table('invoice'),
    invoicePayments: table('invoice_payment'),
    paymentIntents: table('payment_intent'),
    charges: table('charge'),
    refunds: table('refund'),
    disputes: table('dispute'),
    events: table('event'),
    answers: table('sandbox.answer'),
  }
}

function readJournal(path: string): readonly z.infer<typeof JournalLine>[] {
  const newest = new Map<string, z.infer<typeof JournalLine>>()
  for (const text of readFileSync(path, 'utf8').split('\n')) {
    const line = JournalLine.safeParse(parsed(text))
    if (line.success) newest.set(`${line.data.object} ${line.data.id}`, line.data)
  }
  return [...newest.values()]
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
