import type { Block, Press, Text } from '../chat/view.ts'

/** Longer than any model's name. */
export const MODEL_QUERY_MAX = 80

/** Asks for words to search the catalogue with; `field` is what the action calls them, `inWords` how it is said without a form. */
export const modelSearchForm = (field: string, press: Press, inWords: Text): Block => ({
  kind: 'form',
  name: 'model-search',
  fields: [
    { name: field, label: { id: 'model-search-field' }, hint: { id: 'model-search-field-hint' }, maxLength: MODEL_QUERY_MAX },
  ],
  submitLabel: { id: 'model-search-submit' },
  press,
  inWords,
})
