import { expect, it } from 'vitest'
import { assetPath } from '../../../core/assets.ts'
import { BUDGETS } from '../../../core/models/curated.ts'
import { isFree, type PriceClass, turnMicros } from '../../../core/models/index.ts'
import { SOLD } from '../../support/catalogue.ts'
import { modelsPage } from '../../support/models-page.ts'

it('docs/models.md is what the tables say', async () => {
  await expect(modelsPage()).toMatchFileSnapshot(assetPath('docs/models.md'))
})

it('every budget has a short list, at the prices of its budget', () => {
  const sold = new Map(SOLD.map((model) => [model.id, model]))
  for (const [budget, lines] of Object.entries(BUDGETS)) {
    expect(lines.length).toBeGreaterThanOrEqual(3)
    for (const { id } of lines) {
      const model = sold.get(id)
      expect(model, id).toBeDefined()
      if (!model) continue
      const turn = turnMicros(model)
      const dear: PriceClass = isFree(model) ? 0 : turn < 6_000 ? 1 : turn < 25_000 ? 2 : 3
      expect(dear, id).toBe(Number(budget))
    }
  }
})
