import { isolate, type Language, type Localiser } from '../i18n/index.ts'
import type { Block, Button, LocalView, Text, View } from './view.ts'

/** The view in somebody's language. Presses stay the very same objects: their tokens are found by them. */
export function localise(view: View, localiser: Localiser, language: Language): LocalView {
  const say = (text: Text): string => localiser.text(text, language)
  return { ...view, blocks: view.blocks.map((block) => localiseBlock(block, say)) }
}

function localiseBlock(block: Block, say: (text: Text) => string): Block<string> {
  switch (block.kind) {
    case 'title':
    case 'text':
    case 'note':
    case 'code':
      return { kind: block.kind, text: say(block.text) }
    case 'divider':
      return block
    case 'fields':
      // A value stands in one line with its label, which a right-to-left name must not turn round.
      return { ...block, items: block.items.map(({ label, value }) => ({ label: say(label), value: isolate(say(value)) })) }
    case 'bar':
      return { ...block, caption: say(block.caption) }
    case 'progress':
      return { ...block, steps: block.steps.map((step) => ({ ...step, label: say(step.label) })) }
    case 'image':
      return { ...block, alt: say(block.alt) }
    case 'file': {
      const { caption, ...file } = block
      return caption === undefined ? file : { ...file, caption: say(caption) }
    }
    case 'link':
      return { ...block, label: say(block.label) }
    case 'buttons':
      return {
        kind: 'buttons',
        buttons: block.buttons.map((button): Button<string> => ({ ...button, label: say(button.label) })),
      }
    case 'choice':
      return {
        ...block,
        label: say(block.label),
        options: block.options.map(({ note, ...option }) => ({
          ...option,
          // In a list it stands behind a sign and before its note.
          label: isolate(say(option.label)),
          ...(note && { note: say(note) }),
        })),
      }
    case 'form': {
      const { inWords, ...form } = block
      return {
        ...form,
        submitLabel: say(block.submitLabel),
        ...(inWords && { inWords: say(inWords) }),
        fields: block.fields.map(({ hint, ...field }) => ({
          ...field,
          label: say(field.label),
          ...(hint && { hint: say(hint) }),
        })),
      }
    }
  }
}
