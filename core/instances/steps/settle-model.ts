import { plainName, replacementFor } from '../../models/index.ts'
import { instanceOf } from '../instance.ts'
import { catalogueFor, readModelSettings } from '../model-settings.ts'
import { replacedView } from '../model-views.ts'
import { step } from '../step.ts'

/**
 * Between the order and its payment a model may be taken off the list, and OpenClaw would take its name all the same. Then the nearest one
 * is set up, and the owner told. Without a list to look in nothing is changed: the test question at the end shows what is true.
 */
export const settleModel = step({
  name: 'settle-model',
  deadlineSeconds: 30,

  async run(context) {
    const { services } = context
    const instance = await instanceOf(context)
    const settings = await readModelSettings(services, instance.id)
    if (!settings) return
    const catalogue = catalogueFor(services, settings)
    const listed = await catalogue.find(settings.model).catch(() => undefined)
    if (listed !== null || catalogue.state().stale) return
    const resolution = await catalogue.resolve(settings.model)
    const model = resolution.kind === 'found' ? resolution.model : await replacementFor(catalogue, settings.model)
    if (!model) return
    const prisma = await services.database.prisma()
    await prisma.$transaction(async (transaction) => {
      await transaction.instance.update({ where: { id: instance.id }, data: { model: model.id } })
      // Another name of the same model is no news.
      if (resolution.kind === 'found') return
      await services.notices.post(transaction, {
        platform: instance.platform,
        chatId: instance.chatId,
        userId: instance.userId,
        language: instance.language,
        view: replacedView(instance, { gone: settings.model, name: plainName(model.name) }),
        place: 'new',
        dedupeKey: `model-replaced:${instance.id}`,
      })
    })
    services.notices.wake()
  },
})
