import type { ModelRoots } from '../gateway/index.ts'
import type { Provider } from '../models/index.ts'
import { createAnthropicApi } from './apis/anthropic.ts'
import { createGoogleApi } from './apis/google.ts'
import { createOpenAiApi } from './apis/openai.ts'
import { createOpenRouterApi } from './apis/openrouter.ts'
import { type KeyApi, KeyApiError, type ProviderApi } from './key-api.ts'
import { createProviderCall } from './provider-call.ts'

/** Asks the providers at `roots` about customers' keys. */
export function createKeyApi(roots: ModelRoots, options: { fetch?: typeof fetch; timeoutSeconds?: number } = {}): KeyApi {
  const call = (provider: Provider) => createProviderCall(roots[provider], options)
  const apis: Readonly<Record<Provider, ProviderApi>> = {
    anthropic: createAnthropicApi(call('anthropic')),
    openai: createOpenAiApi(call('openai')),
    google: createGoogleApi(call('google')),
    openrouter: createOpenRouterApi(call('openrouter')),
  }
  return {
    async check(provider, key, model) {
      const api = apis[provider]
      const listed = await api.list(key)
      if ('state' in listed) return listed
      const tried = model ?? api.cheapest(listed.models) ?? listed.models[0]?.id
      // An account that may use no model at all.
      if (tried === undefined) return { state: 'no-access', detail: 'the list of models is empty' }
      return api.tinyTurn(key, tried)
    },
    async listModels(provider, key) {
      const listed = await apis[provider].list(key)
      if ('state' in listed) throw new KeyApiError(listed)
      return listed.models
    },
  }
}
