import type { Block, Press, Text } from '../chat/view.ts'
import { MODEL_QUERY_MAX } from './names.ts'

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
