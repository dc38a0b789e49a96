import { answeringWith, answerWith } from '../answering.ts'
import { gatewayOf, instanceOf } from '../instance.ts'
import { step } from '../step.ts'

/**
 * Hands over the key through OpenClaw's own secret store and sets provider and model. All hot: a gateway that was started ahead knows only
 * managed credit until now.
 */
export const connectModel = step({
  name: 'connect-model',
  deadlineSeconds: 60,
  progress: 'deploy-progress-model',

  async run(context) {
    const { services } = context
    const instance = await instanceOf(context)
    const wanted = await answeringWith(services, instance)
    await answerWith(services, await gatewayOf(services, instance), wanted)
  },
})
