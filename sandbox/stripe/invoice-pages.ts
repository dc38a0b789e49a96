import { Hono } from 'hono'
import { html } from 'hono/html'
import { StripeFailure } from './failure.ts'
import { draw, endPage, money, ribbon } from './page.ts'
import type { createTrouble } from './trouble.ts'

/** Stripe's page of an invoice, as far as an owner needs it: what is owed, one button to pay it. */
export function createInvoicePages(options: {
  readonly trouble: ReturnType<typeof createTrouble>
  readonly sellerName: string
}): Hono {
  const { trouble, sellerName } = options
  const pages = new Hono()

  pages.onError((error, context) => {
    if (!(error instanceof StripeFailure)) throw error
    return draw(context, 'Unknown invoice', endPage('There is no such invoice', 'Ask for its page in the chat.'), 404)
  })

  pages.get('/:invoice', (context) => {
    const invoice = trouble.invoice(context.req.param('invoice'))
    if (invoice.status === 'paid') {
      const words = 'It was paid with sandbox money. The chat shows how your assistant goes on.'
      return draw(context, 'Paid', endPage('This invoice is paid', words, { tone: 'success' }))
    }
    const price = money(invoice.amount_remaining, invoice.currency)
    return draw(
      context,
      `Pay ${price}`,
      html`<main class="page">
        ${ribbon}
        <section class="card" aria-labelledby="what">
          <p class="brand">${sellerName}</p>
          <h1 id="what">Invoice ${invoice.number}</h1>
          <p class="amount">${price}</p>
          <p class="muted">The last try to collect it failed.</p>
          <form method="post" action="/pay/invoice/${invoice.id}">
            <button class="button primary" type="submit">Pay ${price} with the test card</button>
          </form>
        </section>
      </main>`,
    )
  })

  pages.post('/:invoice', (context) => {
    const invoice = trouble.invoice(context.req.param('invoice'))
    if (invoice.status !== 'paid') trouble.payInvoice(invoice.id)
    return context.redirect(`/pay/invoice/${invoice.id}`, 303)
  })

  return pages
}
