import type { CuratedModel } from './model.ts'

/**
 * The short list of the model picker, in the order it is shown: few enough to read, one for every kind of need and purse.
 * What the live catalogue no longer has is left out; change it here when a better model of its kind appears.
 */
export const CURATED: readonly CuratedModel[] = [
  { id: 'anthropic/claude-sonnet-4.6', strength: 'model-strength-all-rounder', priceClass: 3 },
  { id: 'openai/gpt-5.4-mini', strength: 'model-strength-everyday', priceClass: 2 },
  { id: 'google/gemini-3-flash-preview', strength: 'model-strength-fast', priceClass: 2 },
  { id: 'deepseek/deepseek-v4-flash', strength: 'model-strength-saver', priceClass: 1 },
  { id: 'google/gemini-3.1-pro-preview', strength: 'model-strength-long', priceClass: 3 },
  { id: 'moonshotai/kimi-k2.6', strength: 'model-strength-coding', priceClass: 2 },
  { id: 'z-ai/glm-5', strength: 'model-strength-chinese', priceClass: 2 },
  { id: 'anthropic/claude-opus-4.8', strength: 'model-strength-hardest', priceClass: 3 },
  { id: 'qwen/qwen3-coder:free', strength: 'model-strength-free', priceClass: 0 },
]
