import { checkOrder, orderActions } from '../billing/index.ts'
import { note, t, view } from '../chat/build.ts'
import { reply } from '../chat/reply.ts'
import { command } from './command.ts'

/** The buttons of an order's message; typed, it shows the newest order again. */
export const order = command({
  name: 'order',
  description: null,
  needs: 'viewer',
  argument: 'text',
  actions: orderActions,
  async run(context) {
    const newest = context.orders[0]
    return newest ? checkOrder(context, newest.id) : reply(view('no-order', [note(t('billing-no-order'))]))
  },
})
