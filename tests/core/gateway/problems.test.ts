import { describe, expect, it } from 'vitest'
import { turnProblem } from '../../../core/gateway/problems.ts'
import { createLocaliser } from '../../../core/i18n/index.ts'

const OPENCLAW_BILLING = 'openrouter (x) returned a billing error — your API key has run out of credits'
const OPENCLAW_AUTH = 'openrouter/x request failed (authentication failed, HTTP 403). Re-authenticate the provider and try again.'

describe('what a provider says about a failed turn', () => {
  it.each([
    // OpenRouter
    ['403 Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys', 'model-credit'],
    ['402 Insufficient credits. Add more using https://openrouter.ai/settings/credits', 'model-balance'],
    [
      '402 This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens, but can only afford 1834.',
      'model-max-tokens',
    ],
    ['403 Input was flagged by moderation', 'model-guardrail'],
    ['404 No endpoints found matching your guardrail restrictions and data policy.', 'model-guardrail'],
    ['404 No endpoints found for openai/gpt-9.', 'model-missing'],
    ['400 openai/gpt-9 is not a valid model ID', 'model-missing'],
    ['401 User not found.', 'model-key'],
    ['429 Rate limit exceeded: free-models-per-day', 'model-rate-limited'],
    ['502 Provider returned error', 'model-down'],
    // Anthropic
    ['400 Your credit balance is too low to access the Anthropic API.', 'model-balance'],
    ['400 max_tokens: 100000 > 64000, which is the maximum allowed number of output tokens', 'model-max-tokens'],
    ['404 {"type":"error","error":{"type":"not_found_error","message":"model: claude-x"}}', 'model-missing'],
    ['401 invalid x-api-key', 'model-key'],
    ['529 Overloaded', 'model-down'],
    // OpenAI
    ['429 You exceeded your current quota, please check your plan and billing details.', 'model-balance'],
    ['429 Rate limit reached for gpt-5.4 on requests per min', 'model-rate-limited'],
    ['401 Incorrect API key provided: sk-…', 'model-key'],
    ['404 The model `gpt-9` does not exist or you do not have access to it.', 'model-missing'],
    ['403 Project `proj_x` does not have access to model `gpt-5.4`', 'model-missing'],
    // Google
    [
      '429 You exceeded your current quota, please check your plan and billing details. Please retry in 31.2s.',
      'model-rate-limited',
    ],
    ['429 Your prepayment credits are depleted. Please go to AI Studio.', 'model-balance'],
    ['400 API key not valid. Please pass a valid API key.', 'model-key'],
    ['503 The model is overloaded. Please try again later.', 'model-down'],
    ['404 models/gemini-9 is not found for API version v1beta', 'model-missing'],
    ['418 Something nobody has heard of', 'model-failed'],
  ])('“%s” is %s, whatever OpenClaw makes of it', (said, code) => {
    expect(turnProblem('Something went wrong.', said).code).toBe(code)
  })

  it('counts more than what OpenClaw makes of it, and where it is not known OpenClaw’s words do', () => {
    expect(turnProblem(OPENCLAW_BILLING, '402 can only afford 12').code).toBe('model-max-tokens')
    expect(turnProblem(OPENCLAW_AUTH, '403 flagged by moderation').code).toBe('model-guardrail')
    expect(turnProblem(OPENCLAW_BILLING).code).toBe('model-credit')
    expect(turnProblem(OPENCLAW_AUTH).code).toBe('model-key')
    expect(turnProblem('⚠️ request failed (provider internal error, HTTP 503).').code).toBe('model-down')
    expect(turnProblem('nonsense').code).toBe('model-failed')
  })

  it('is kept for operators, and told to people in a sentence of its own in both languages', () => {
    const localiser = createLocaliser()
    const codes = ['credit', 'balance', 'max-tokens', 'rate-limited', 'guardrail', 'key', 'missing', 'down', 'failed']
    for (const language of localiser.languages) {
      const sentences = codes.map((code) => localiser.text({ id: `model-${code}` }, language))
      expect(new Set(sentences).size).toBe(codes.length)
    }
    expect(turnProblem('a', '418 b').detail).toBe('418 b | a')
  })
})
