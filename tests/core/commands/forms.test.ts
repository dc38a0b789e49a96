import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHouse, GROUP, type House } from '../access/support.ts'

let house: House
const here = { on: 'forms', in: GROUP } as const
const ann = { id: 'ann', groupRole: 'admin' as const }

beforeEach(async () => {
  house = await createHouse()
  await house.says(ann, '/help', here)
})
afterEach(() => house.close())

async function hasScout(): Promise<void> {
  await house.hasAssistant('scout', 'Scout', (await house.workspaceOf()).id, await house.personOf('ann', 'forms'))
}

/** In a group some platforms show us nothing that is merely typed: every question has a form, a button or a command's option. */
describe('where nothing typed arrives, by forms and buttons alone', () => {
  it('an assistant is ordered, with a model from the whole catalogue', async () => {
    await house.says(ann, '/deploy', here)
    expect(await house.fillsIn(ann, { name: '  ' }, here)).toContain('Please type a name')
    expect(await house.fillsIn(ann, { name: 'Scout' }, here)).toContain('A plan for Scout')
    expect(await house.presses(ann, 'Lite', here)).toContain('How shall the AI be paid')
    expect(await house.presses(ann, 'AI included', here)).toContain('Which model shall answer')
    expect(await house.fillsIn(ann, { query: 'haiku' }, here)).toContain('Found for “haiku”')
    expect(await house.presses(ann, 'Claude Haiku', here)).toContain('Is this right for Scout')
  })

  it('an assistant is asked something', async () => {
    await hasScout()
    await house.says(ann, '/ask', here)
    await house.fillsIn(ann, { argument: 'What can you do?' }, here)
    expect(house.started).toMatchObject([{ kind: 'ask', instanceId: 'scout', args: { message: 'What can you do?' } }])
  })

  it('a model is searched', async () => {
    await hasScout()
    await house.says(ann, '/model', here)
    expect(await house.fillsIn(ann, { argument: 'hai' }, here)).toContain('Found for “hai”')
  })

  it('an assistant is deleted by its name', async () => {
    await hasScout()
    await house.says(ann, '/destroy', here)
    expect(await house.fillsIn(ann, { typed: 'Luna' }, here)).toContain('That is not the name')
    await house.fillsIn(ann, { typed: 'Scout' }, here)
    expect(house.started).toMatchObject([{ kind: 'destroy', instanceId: 'scout' }])
  })
})
