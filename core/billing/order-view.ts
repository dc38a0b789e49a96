import type { Order } from '../../prisma/generated/client.ts'
import { button, buttons, fields, linkButton, literal, note, paragraph, press, t, title, view } from '../chat/build.ts'
import type { Block, Button, Text, Tone, View } from '../chat/view.ts'
import { orderStateOf } from './order-state.ts'
import { moneyArgument, priceOf } from './price.ts'

/** The actions of an order's message; see order-actions.ts. */
const ORDER_ACTIONS = {
  check: 'order.check',
  cancel: 'order.cancel',
  link: 'order.link',
  stop: 'order.stop',
  renew: 'order.renew',
} as const

export type ShownOrder = Pick<
  Order,
  | 'id'
  | 'state'
  | 'reason'
  | 'instanceName'
  | 'planId'
  | 'priceCents'
  | 'currency'
  | 'creditMicros'
  | 'checkoutUrl'
  | 'checkoutExpiresAt'
  | 'subscriptionId'
  | 'endsAt'
  | 'instanceId'
>

export type OrderViewOptions = {
  /** How to reach a human; null if the operator gave none. */
  readonly supportContact: string | null
  /** A line on top of what the state says ("not paid yet"). */
  readonly remark?: Text
  /** Its renewal is being changed: the button for it waits. */
  readonly isChanging?: boolean
}

export const orderViewId = (orderId: string): string => `order:${orderId}`

type Screen = { readonly tone: Tone; readonly title: Text; readonly blocks: readonly (Block | false)[] }

/** The one message of an order, in every state: what happened to the money, and the one thing to do next. */
export function orderView(order: ShownOrder, options: OrderViewOptions): View {
  const screen = screenOf(order, options)
  return view(
    orderViewId(order.id),
    [title(screen.title), ...screen.blocks, options.remark !== undefined && note(options.remark)],
    {
      tone: screen.tone,
    },
  )
}

function screenOf(order: ShownOrder, options: OrderViewOptions): Screen {
  const name = order.instanceName
  const price = moneyArgument(priceOf(order))
  switch (orderStateOf(order)) {
    case 'awaiting-payment':
      return awaitingPayment(order)
    case 'checking':
      return {
        tone: 'info',
        title: t('billing-checking-title'),
        blocks: [paragraph(t('billing-checking-text', { price, name })), buttons(checkAgain(order))],
      }
    case 'paid':
      return { tone: 'success', title: t('billing-paid-title', { price }), blocks: [paragraph(t('billing-paid-text', { name }))] }
    case 'active':
      return active(order, options)
    case 'past-due':
      return pastDue(order)
    case 'disputed':
      return {
        tone: 'danger',
        title: t('billing-disputed-title', { price }),
        blocks: [paragraph(t('billing-disputed-text', { name, price })), ...human(options.supportContact)],
      }
    case 'lapsed':
      return lapsed(order)
    case 'ended':
      return {
        tone: 'info',
        title: t('billing-ended-title', { name }),
        blocks: [paragraph(t('billing-ended-text')), buttons(orderAgain())],
      }
    case 'expired':
      return {
        tone: 'warning',
        title: t(order.reason === 'payment-failed' ? 'billing-payment-failed-title' : 'billing-expired-title'),
        blocks: [
          paragraph(t(order.reason === 'payment-failed' ? 'billing-payment-failed-text' : 'billing-expired-text', { name })),
          buttons(newLinkButton(order)),
        ],
      }
    case 'cancelled':
      return {
        tone: 'info',
        title: t('billing-cancelled-title'),
        blocks: [paragraph(t('billing-cancelled-text', { name })), buttons(orderAgain())],
      }
    case 'refunding':
      return {
        tone: 'warning',
        title: t('billing-refunding-title', { price }),
        blocks: [paragraph(t(refundText('refunding', order.reason), { price, name }))],
      }
    case 'refunded':
      return {
        tone: 'success',
        title: t('billing-refunded-title', { price }),
        blocks: [
          paragraph(t(refundText('refunded', order.reason), { price, name })),
          note(t('billing-refund-days')),
          buttons(orderAgain()),
        ],
      }
    case 'refund-failed':
      return refundFailed(price, options.supportContact)
  }
}

/** In use, and going on every month until its renewal is called off. */
function active(order: ShownOrder, options: OrderViewOptions): Screen {
  const { instanceId, instanceName: name, endsAt } = order
  const date = endsAt && { date: endsAt.toISOString() }
  return {
    tone: 'success',
    title: date ? t('billing-ending-title', { name, date }) : t('billing-active-title', { name }),
    blocks: [
      paragraph(
        date ? t('billing-ending-text', { name, date }) : t('billing-active-text', { price: moneyArgument(priceOf(order)) }),
      ),
      buttons(
        instanceId !== null && button(t('billing-button-status'), press('command', { name: 'status', instanceId }), 'primary'),
        order.subscriptionId !== null && options.isChanging !== true && renewalButton(order),
      ),
    ],
  }
}

/** Calls the renewal off, or on again while its time runs. */
export const renewalButton = (order: Pick<ShownOrder, 'id' | 'endsAt'>): Button =>
  order.endsAt === null
    ? button(t('billing-button-stop-renewal'), press(ORDER_ACTIONS.stop, { orderId: order.id }, { once: true }), 'quiet')
    : button(t('billing-button-renew-again'), press(ORDER_ACTIONS.renew, { orderId: order.id }, { once: true }))

/** A renewal is open: the bank is asked again by itself, and its owner can pay at once. */
function pastDue(order: ShownOrder): Screen {
  const name = order.instanceName
  const price = moneyArgument(priceOf(order))
  return {
    tone: 'warning',
    title: t('billing-past-due-title', { name }),
    blocks: [
      paragraph(t('billing-past-due-text', { name, price })),
      buttons(order.checkoutUrl !== null && linkButton(t('billing-button-pay', { price }), order.checkoutUrl), checkAgain(order)),
    ],
  }
}

/** Stopped and kept. With a page, paying its invoice revives the subscription; without, a new one is begun. */
function lapsed(order: ShownOrder): Screen {
  const name = order.instanceName
  const price = moneyArgument(priceOf(order))
  const cause = order.reason === 'unpaid' || order.reason === 'dispute-lost' ? order.reason : 'ended'
  return {
    tone: 'danger',
    title: t('billing-lapsed-title', { name }),
    blocks: [
      paragraph(t(`billing-lapsed-${cause}`, { name, price })),
      note(t('billing-lapsed-kept', { name })),
      order.reason === 'payment-failed' && note(t('billing-lapsed-payment-failed')),
      order.checkoutUrl === null
        ? buttons(
            button(
              t('billing-button-go-on', { price }),
              press(ORDER_ACTIONS.link, { orderId: order.id }, { once: true }),
              'primary',
            ),
          )
        : buttons(linkButton(t('billing-button-pay', { price }), order.checkoutUrl), checkAgain(order)),
    ],
  }
}

function awaitingPayment(order: ShownOrder): Screen {
  const name = order.instanceName
  const price = moneyArgument(priceOf(order))
  // A lapsed order that is paid for anew keeps its instance.
  const goesOn = order.instanceId !== null
  if (order.checkoutUrl === null) {
    const failed = order.reason === 'checkout-unavailable'
    return {
      tone: failed ? 'warning' : 'info',
      title: t(failed ? 'billing-link-failed-title' : 'billing-link-preparing-title'),
      blocks: [
        paragraph(
          failed
            ? t('billing-link-failed-text', { name })
            : t(goesOn ? 'billing-link-again-text' : 'billing-link-preparing-text', { name }),
        ),
        buttons(failed && newLinkButton(order), cancelButton(order)),
      ],
    }
  }
  return {
    tone: order.reason === 'declined' ? 'warning' : 'info',
    title: t(goesOn ? 'billing-pay-again-title' : 'billing-pay-title', { name }),
    blocks: [
      order.reason === 'declined' && note(t('billing-declined')),
      fields(
        [t('billing-pay-price'), t('billing-pay-price-value', { price })],
        order.checkoutExpiresAt !== null && [
          t('billing-pay-until'),
          t('billing-pay-until-value', { date: { date: order.checkoutExpiresAt.toISOString(), style: 'minute' } }),
        ],
      ),
      paragraph(goesOn ? t('billing-pay-again-text', { name }) : t('billing-pay-text')),
      buttons(
        linkButton(t('billing-button-pay', { price }), order.checkoutUrl),
        button(t('billing-button-check'), press(ORDER_ACTIONS.check, { orderId: order.id }, { who: 'anyone' })),
        cancelButton(order),
      ),
    ],
  }
}

/** A charge that is given back while the order itself goes on, in a message of its own: mostly a second one. */
export function doublePaymentView(
  order: ShownOrder,
  payment: {
    readonly sessionId: string
    readonly state: 'refund-due' | 'refunded' | 'refund-failed'
    readonly amountCents: number
    readonly currency: string
    readonly refundReason: string | null
  },
  supportContact: string | null,
  remark?: Text,
): View {
  const price = moneyArgument(payment)
  const id = `refund:${payment.sessionId}`
  if (payment.state === 'refund-failed') {
    const screen = refundFailed(price, supportContact)
    return view(id, [title(screen.title), ...screen.blocks], { tone: screen.tone })
  }
  const refunded = payment.state === 'refunded'
  return view(
    id,
    [
      title(t(refunded ? 'billing-refunded-title' : 'billing-refunding-title', { price })),
      paragraph(
        payment.refundReason === 'double'
          ? t(refunded ? 'billing-double-refunded' : 'billing-double-refunding', { price, name: order.instanceName })
          : t(refunded ? 'billing-refunded-other' : 'billing-refunding-other', { price, name: order.instanceName }),
      ),
      refunded && note(t('billing-refund-days')),
      remark !== undefined && note(remark),
    ],
    { tone: refunded ? 'success' : 'warning' },
  )
}

function refundFailed(price: ReturnType<typeof moneyArgument>, supportContact: string | null): Screen {
  return {
    tone: 'danger',
    title: t('billing-refund-failed-title', { price }),
    blocks: [paragraph(t('billing-refund-failed-text', { price })), ...human(supportContact)],
  }
}

const human = (supportContact: string | null): Block[] => [
  supportContact === null ? note(t('billing-support-told')) : fields([t('billing-support-label'), literal(supportContact)]),
]

/** Each cause of a refund in words of its own. */
function refundText(state: 'refunding' | 'refunded', reason: string | null): string {
  const cause = ['late', 'amount', 'deploy-failed'].find((candidate) => candidate === reason) ?? 'other'
  return `billing-${state}-${cause}`
}

const checkAgain = (order: ShownOrder): Button =>
  button(t('billing-button-check-again'), press(ORDER_ACTIONS.check, { orderId: order.id }, { who: 'anyone' }))
const cancelButton = (order: ShownOrder): Button =>
  button(t('billing-button-cancel'), press(ORDER_ACTIONS.cancel, { orderId: order.id }, { once: true }), 'quiet')
const newLinkButton = (order: ShownOrder): Button =>
  button(t('billing-button-new-link'), press(ORDER_ACTIONS.link, { orderId: order.id }, { once: true }), 'primary')
const orderAgain = (): Button => button(t('billing-button-order-again'), press('command', { name: 'deploy' }))
