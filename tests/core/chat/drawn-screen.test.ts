import { expect, it } from 'vitest'
import type { Capabilities } from '../../../core/chat/capabilities.ts'
import type { View } from '../../../core/chat/view.ts'
import { ROOMY } from '../../support/memory-platform.ts'
import { drawScreen, tinyCapabilities } from '../../support/render-goldens.ts'

const roomy: Capabilities = { ...ROOMY, select: { options: 5 }, form: { fields: 5 } }

const said = (literal: string) => ({ literal })
const view: View = {
  id: 'x',
  tone: 'info',
  visibility: 'private',
  blocks: [
    { kind: 'title', text: said('Friday') },
    { kind: 'bar', share: 0.25, caption: said('$2.00 of $8.00') },
    { kind: 'fields', items: [{ label: said('Resets'), value: said('soon') }] },
    {
      kind: 'progress',
      steps: [
        { label: said('Server'), state: 'done', seconds: 65 },
        { label: said('Model'), state: 'running' },
      ],
    },
    {
      kind: 'choice',
      name: 'c',
      label: said('Model'),
      options: [{ label: said('A'), note: said('cheap'), press: { action: 'a' } }],
    },
    {
      kind: 'form',
      name: 'f',
      submitLabel: said('Save'),
      press: { action: 's' },
      fields: [{ name: 'n', label: said('Name'), maxLength: 9 }],
    },
    {
      kind: 'buttons',
      buttons: [
        { label: said('Pay'), url: 'https://example.org/', style: 'primary' },
        { label: said('Stop'), press: { action: 'x' }, style: 'danger' },
      ],
    },
  ],
}

it('a screen is drawn as a reviewer can read it, on a roomy platform and on one that has only words', () => {
  expect(drawScreen(view, roomy, 'en')).toMatchInlineSnapshot(`
    "# Friday

    ▰▰▰▱▱▱▱▱▱▱▱▱ $2.00 of $8.00

    Resets: soon

    ✅ Server · 1 min 05 s
    ⏳ Model

    ▾ Model
      ○ A — cheap

      Name: ____
      [Save]

    [*Pay ↗ https://example.org/] [!Stop]"
  `)
  expect(drawScreen(view, tinyCapabilities, 'en')).toMatchInlineSnapshot(`
    "# Friday

    ▰▰▰▱▱▱▱▱▱▱▱▱ $2.00 of $8.00

    Resets: soon

    ✅ Server · 1 min 05 s
    ⏳ Model

    Model
    1. A — cheap
    Answer with the number.

    > ✏️ Name: type it as a message.

    Pay: https://example.org/
    2. Stop
    Answer with the number."
  `)
})
