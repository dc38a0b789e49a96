import { type Context, Hono } from 'hono'
import { html } from 'hono/html'
import { spaced, TEST_CARDS } from './cards.ts'
import { StripeFailure } from './failure.ts'
import type { Session } from './objects.ts'
import { draw, endPage, type Html, money, ribbon } from './page.ts'
import type { Store } from './store.ts'
import type { PayOutcome, Till } from './till.ts'

const WORKING_CARD = '4242424242424242'

/**
 * The page a buyer pays on, as server-rendered forms without a script. Declines say that nothing was charged and let the
 * buyer try again; every ending has a way back to the chat.
 */
export function createPayPages(options: {
  readonly store: Store
  readonly till: Till
  readonly now: () => number
  readonly sellerName: string
}): Hono {
  const { store, till } = options
  const pages = new Hono()

  pages.onError((error, context) => {
    if (!(error instanceof StripeFailure)) throw error
    return draw(context, 'Unknown payment link', endPage('There is no such payment link', 'Ask for a new one in the chat.'), 404)
  })

  pages.get('/:session', (context) => {
    const session = till.session(context.req.param('session'))
    if (session.status !== 'open') return over(context, session)
    const asked = (context.req.query('card') ?? '').replace(/\D/g, '')
    return draw(context, `Pay ${price(session)}`, payPage(session, { card: asked || WORKING_CARD }))
  })

  pages.post('/:session', async (context) => {
    const form = await context.req.parseBody()
    const card = typeof form.card_number === 'string' ? form.card_number.replace(/\D/g, '') : ''
    const session = till.session(context.req.param('session'))
    return follow(context, session, card, till.pay(session.id, card))
  })

  pages.get('/:session/confirm', (context) => {
    const session = till.session(context.req.param('session'))
    if (session.status !== 'open') return over(context, session)
    return draw(context, 'Confirm the payment', confirmPage(session))
  })

  pages.post('/:session/confirm', async (context) => {
    const form = await context.req.parseBody()
    const session = till.session(context.req.param('session'))
    const card = TEST_CARDS.find((candidate) => candidate.outcome.kind === 'confirm')?.number ?? WORKING_CARD
    return follow(context, session, card, till.confirm(session.id, form.answer === 'approve'))
  })

  pages.post('/:session/expire', (context) => {
    const session = till.session(context.req.param('session'))
    if (session.status === 'open') till.expire(session.id)
    return context.redirect(`/pay/${session.id}`, 303)
  })

  pages.get('/:session/paid', (context) => over(context, till.session(context.req.param('session'))))

  function follow(context: Context, session: Session, card: string, outcome: PayOutcome): Response | Promise<Response> {
    switch (outcome.kind) {
      case 'paid':
        return context.redirect(`/pay/${session.id}/paid`, 303)
      case 'confirm':
        return context.redirect(`/pay/${session.id}/confirm`, 303)
      case 'over':
        return over(context, outcome.session)
      case 'not-a-card':
        return draw(
          context,
          'Check the card number',
          payPage(session, { card, cardProblem: 'That is not a complete card number.' }),
          422,
        )
      case 'declined':
        return draw(
          context,
          'Payment declined',
          payPage(session, {
            card,
            declined: `${outcome.message} Nothing was charged. Try again, or use another card.`,
          }),
          402,
        )
    }
  }

  function over(context: Context, session: Session): Response | Promise<Response> {
    const back = session.success_url.replaceAll('{CHECKOUT_SESSION_ID}', session.id)
    if (session.status === 'complete' && session.payment_status === 'paid') {
      return draw(
        context,
        'Paid',
        endPage(
          'Paid. Go back to the chat',
          `${price(session)} was paid with sandbox money. Your assistant is being set up; the chat shows how far it is.`,
          {
            tone: 'success',
            back,
          },
        ),
      )
    }
    if (session.status === 'complete') {
      return draw(
        context,
        'On its way',
        endPage('Your payment is on its way', 'The chat tells you as soon as it has arrived.', { back }),
      )
    }
    return draw(
      context,
      'Link expired',
      endPage(
        'This payment link has expired',
        'Nothing was charged. Ask for a new link in the chat: your answers are kept there.',
        {
          tone: 'warning',
          ...(session.cancel_url && { back: session.cancel_url }),
        },
      ),
      410,
    )
  }

  const productName = (session: Session): string => store.checkouts.get(session.id)?.lines[0]?.description ?? 'Your order'
  const price = (session: Session): string => money(session.amount_total, session.currency)
  const rhythm = (session: Session): string => {
    const recurring = store.checkouts.get(session.id)?.lines[0]?.price.recurring
    return recurring ? `per ${recurring.interval}` : 'once'
  }
  const timeLeft = (session: Session): string => {
    const minutes = Math.max(1, Math.round((session.expires_at - options.now()) / 60))
    return minutes > 90 ? `${Math.round(minutes / 60)} more hours` : `${minutes} more minutes`
  }

  function summary(session: Session): Html {
    return html`<section class="card" aria-labelledby="what">
      <p class="brand">${options.sellerName}</p>
      <h1 id="what">${productName(session)}</h1>
      <p class="amount">${price(session)} <small>${rhythm(session)}</small></p>
      <dl class="lines">
        <dt>${productName(session)}</dt><dd>${price(session)}</dd>
        <dt class="total">Due today</dt><dd class="total">${price(session)}</dd>
      </dl>
      <p class="muted">Renews every month until you delete it in the chat. This link works for ${timeLeft(session)}.</p>
    </section>`
  }

  function payPage(
    session: Session,
    state: { readonly card: string; readonly declined?: string; readonly cardProblem?: string },
  ): Html {
    return html`<main class="page wide">
      ${ribbon}
      ${summary(session)}
      <section class="card" aria-labelledby="pay">
        <h2 id="pay">Pay by card</h2>
        ${state.declined ? html`<p class="notice danger" role="alert">${state.declined}</p>` : ''}
        <form method="post" action="/pay/${session.id}">
          <label class="field">Card number
            <input name="card_number" inputmode="numeric" autocomplete="off" required maxlength="23" value="${spaced(state.card)}"
              aria-describedby="card-hint" ${state.cardProblem ? html`aria-invalid="true"` : ''}>
            <span class="hint" id="card-hint">${state.cardProblem ?? 'A test number is filled in. Real cards are refused here.'}</span>
          </label>
          <div class="pair">
            <label class="field">Expires <input name="expiry" inputmode="numeric" autocomplete="off" value="12 / 34" maxlength="7"></label>
            <label class="field">Security code <input name="cvc" inputmode="numeric" autocomplete="off" value="123" maxlength="4"></label>
          </div>
          <button class="button primary" type="submit">Pay ${price(session)}</button>
        </form>
        <nav aria-labelledby="cards">
          <p class="muted" id="cards">Choose what should happen:</p>
          <ul class="cards">
            ${TEST_CARDS.map(
              (
                card,
              ) => html`<li><a href="/pay/${session.id}?card=${card.number}" ${card.number === state.card ? html`aria-current="true"` : ''}>
                <span>${card.meaning}</span> <span class="number">${spaced(card.number)}</span></a></li>`,
            )}
          </ul>
        </nav>
        <div class="stack">
          <form method="post" action="/pay/${session.id}/expire"><button class="button quiet" type="submit">Let this link expire now</button></form>
          ${session.cancel_url ? html`<a class="button quiet" href="${session.cancel_url}">Cancel and go back to the chat</a>` : ''}
        </div>
      </section>
    </main>`
  }

  function confirmPage(session: Session): Html {
    return html`<main class="page">
      ${ribbon}
      <section class="card" aria-labelledby="bank">
        <p class="brand">Your bank (pretended)</p>
        <h1 id="bank">Do you want to pay ${price(session)} to ${options.sellerName}?</h1>
        <p class="muted">A bank that asks first, as with 3-D Secure, shows a page like this.</p>
        <form method="post" action="/pay/${session.id}/confirm">
          <button class="button primary" type="submit" name="answer" value="approve">Approve</button>
          <button class="button danger" type="submit" name="answer" value="fail">Fail</button>
        </form>
      </section>
    </main>`
  }

  return pages
}
