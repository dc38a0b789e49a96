import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ProblemError } from '../../../core/problem.ts'
import { createHouse, GROUP, type House } from '../access/support.ts'

const SONNET = 'anthropic/claude-sonnet-4.6'
const MINI = 'openai/gpt-5.4-mini'

let house: House
beforeEach(async () => {
  house = await createHouse()
  await house.says('ann', '/help')
  const ann = await house.personOf('ann')
  await house.hasAssistant('scout', 'Scout', `wsp_${ann}`, ann)
})
afterEach(() => house.close())

const row = async () => house.prisma.instance.findUniqueOrThrow({ where: { id: 'scout' } })

describe('/model with a name', () => {
  it.each([
    ['haiku', 'anthropic/claude-haiku-4.5'],
    ['gpt-5.4-mini', MINI],
    ['openrouter/google/gemini-3-flash-preview', 'google/gemini-3-flash-preview'],
    ['Z-AI/GLM-5', 'z-ai/glm-5'],
  ])('“%s” begins the change at once where it is no dearer, and says what it does to the price', async (typed, id) => {
    expect(await house.says('ann', `/model ${typed}`)).toMatch(/Scout changes to[\s\S]*cheaper/)
    expect(house.started).toMatchObject([{ kind: 'switch-model', instanceId: 'scout', args: { from: SONNET, to: id } }])
  })

  it('asks first where the price rises, and changes at the press', async () => {
    const asked = await house.says('ann', '/model opus')
    expect(asked).toMatch(/Change Scout to .*Opus 4\.8/)
    expect(asked).toContain('dearer')
    expect(asked).toContain('per message')
    expect(house.started).toEqual([])
    await house.presses('ann', 'Change to')
    expect(house.started).toMatchObject([{ kind: 'switch-model', args: { from: SONNET, to: 'anthropic/claude-opus-4.8' } }])
  })

  it('asks anew when somebody else chose another model between the question and the press', async () => {
    await house.says('ann', '/model opus')
    await house.prisma.instance.update({ where: { id: 'scout' }, data: { model: MINI } })
    expect(await house.presses('ann', 'Change to')).toMatch(/about 7 times the price/)
    expect(house.started).toEqual([])
  })

  it('that is not on the list changes nothing, and offers the nearest', async () => {
    expect(await house.says('ann', '/model anthropic/claude-sonet-4.5')).toMatch(/Claude Sonnet 4\.5/)
    expect(await house.says('ann', '/model claude-sonnet-4.6:free')).toMatch(/has no free version[\s\S]*Claude Sonnet 4\.6/)
    expect(await house.says('ann', `/model ${'x'.repeat(3000)}`)).toContain('No model matches')
    expect(await house.says('ann', '/model <b>&amp;**')).toContain('No model matches')
    expect(house.started).toEqual([])
  })

  it('that describes one is searched for', async () => {
    expect(await house.says('ann', '/model cheap')).toContain('Found for “cheap”')
    expect(await house.says('ann', '/model claude')).toContain('Found for “claude”')
    expect(house.started).toEqual([])
  })

  it('is answered even when it can’t be done now', async () => {
    await house.prisma.instance.update({ where: { id: 'scout' }, data: { state: 'restarting' } })
    expect(await house.says('ann', '/model haiku')).toContain('Scout is not running right now')
    expect(house.started).toEqual([])
  })

  it('that is in use already is said to be', async () => {
    expect(await house.says('ann', '/model sonnet')).toMatch(/Scout: model[\s\S]*Claude Sonnet 4\.6/)
    expect(house.started).toEqual([])
  })
})

describe('with a key of one’s own', () => {
  it('the provider’s own names are changed to, and what it does not sell is said by name', async () => {
    house.setListed(['claude-sonnet-4-6', 'claude-haiku-4-5-20251001'])
    await house.prisma.instance.update({ where: { id: 'scout' }, data: { source: 'anthropic', model: 'claude-sonnet-4-6' } })
    expect(await house.says('ann', '/model')).toMatch(/Claude Sonnet 4\.6[\s\S]*on your provider's bill/)
    expect(await house.says('ann', '/model openai/gpt-5.4')).toContain("can't be had with your key for Anthropic")
    expect(await house.says('ann', '/model anthropic/claude-haiku-4.5')).toMatch(/cheaper[\s\S]*on your provider's bill/)
    expect(house.started).toMatchObject([{ args: { from: 'claude-sonnet-4-6', to: 'claude-haiku-4-5-20251001' } }])
  })
})

describe('two who change the model at once', () => {
  it('one wins, the other is told', async () => {
    house.refuseStart(
      new ProblemError({
        code: 'operation-busy',
        retryable: true,
        text: { id: 'operation-busy', args: { kind: 'switch-model' } },
      }),
    )
    expect(await house.says('ann', '/model haiku')).toContain('changing its model')
    expect(house.started).toEqual([])
  })

  it('one who decided from an old screen is told, and nothing is begun', async () => {
    house.onStart(async () => {
      await house.prisma.instance.update({ where: { id: 'scout' }, data: { model: MINI } })
    })
    expect(await house.says('ann', '/model haiku')).toMatch(/Somebody has just changed the model/)
  })

  it('an assistant that restarts or is being deleted meanwhile is not switched', async () => {
    house.onStart(async () => {
      await house.prisma.instance.update({ where: { id: 'scout' }, data: { state: 'destroying' } })
    })
    expect(await house.says('ann', '/model haiku')).toContain('Scout')
    expect((await row()).model).toBe(SONNET)
  })
})

describe('/model fallback', () => {
  it('adds, orders and removes models, and tells OpenClaw each time', async () => {
    expect(await house.says('ann', '/model fallback')).toContain('no other one is tried')
    expect(await house.says('ann', '/model fallback gpt mini')).toContain('Then (2)')
    await house.says('ann', '/model fallback z-ai/glm-5')
    expect((await row()).fallbackModels).toEqual([MINI, 'z-ai/glm-5'])
    expect(await house.presses('ann', 'Move')).toMatch(/Then \(2\).*GLM/)
    expect((await row()).fallbackModels).toEqual(['z-ai/glm-5', MINI])
    await house.presses('ann', 'Remove')
    expect((await row()).fallbackModels).toEqual([MINI])
    expect(house.started.map(({ kind }) => kind)).toEqual(Array(4).fill('set-fallbacks'))
  })

  it('asks once whether a dearer one may answer, and skips it until then', async () => {
    const shown = await house.says('ann', '/model fallback opus')
    expect(shown).toMatch(/skipped: dearer[\s\S]*May it answer all the same/)
    expect((await row()).dearerFallbacks).toBeNull()
    expect(await house.presses('ann', 'Yes, dearer')).toContain('Dearer ones may answer')
    expect((await row()).dearerFallbacks).toBe(true)
    await house.presses('ann', 'No, skip')
    expect((await row()).dearerFallbacks).toBe(false)
  })

  it('takes only models of the list, not the first one, and no more than three', async () => {
    await house.says('ann', '/model fallback nonsense/none')
    expect(await house.says('ann', '/model fallback sonnet')).toContain('the first model already')
    expect((await row()).fallbackModels).toEqual([])
    for (const name of ['haiku', 'glm', 'kimi']) await house.says('ann', `/model fallback ${name}`)
    expect(await house.says('ann', '/model fallback gpt mini')).toContain('There are 3 already')
    expect((await row()).fallbackModels).toHaveLength(3)
  })

  it('takes free models for the backup key of an assistant with a key of its own, and nothing else that its provider does not sell', async () => {
    house.setListed(['claude-sonnet-4-6', 'claude-haiku-4-5-20251001'])
    await house.prisma.instance.update({ where: { id: 'scout' }, data: { source: 'anthropic', model: 'claude-sonnet-4-6' } })
    await house.says('ann', '/model fallback qwen/qwen3-coder:free')
    await house.says('ann', '/model fallback gpt mini')
    expect((await row()).fallbackModels).toEqual([])
    await house.prisma.instance.update({ where: { id: 'scout' }, data: { backupKeySealed: 'sealed' } })
    await house.says('ann', '/model fallback gpt mini')
    await house.says('ann', '/model fallback haiku')
    expect(await house.says('ann', '/model fallback qwen/qwen3-coder:free')).toMatch(/Then \(3\).*Qwen3 Coder/)
    expect((await row()).fallbackModels).toEqual(['claude-haiku-4-5-20251001', 'qwen/qwen3-coder:free'])
  })

  it('is kept when OpenClaw can’t be told now, for the check to tell it', async () => {
    await house.prisma.instance.update({ where: { id: 'scout' }, data: { state: 'degraded' } })
    await house.says('ann', '/model fallback haiku')
    expect((await row()).fallbackModels).toEqual(['anthropic/claude-haiku-4.5'])
    expect(house.started).toEqual([])
  })

  it('is shown to members, changed by admins', async () => {
    await house.says({ id: 'ann', groupRole: 'admin' }, '/help', { in: GROUP })
    const ann = await house.personOf('ann')
    await house.hasAssistant('luna', 'Luna', (await house.workspaceOf()).id, ann)
    await house.says({ id: 'bob', groupRole: 'member' }, '/help', { in: GROUP })
    await house.prisma.grant.create({
      data: {
        workspaceId: (await house.workspaceOf()).id,
        personId: await house.personOf('bob'),
        role: 'member',
        grantedBy: ann,
      },
    })
    const shown = await house.says({ id: 'bob', groupRole: 'member' }, '/model fallback haiku', { in: GROUP })
    expect(shown).toContain('Luna: fallback models')
    expect((await house.prisma.instance.findUniqueOrThrow({ where: { id: 'luna' } })).fallbackModels).toEqual([])
  })
})

describe('a list that does not answer', () => {
  it('is the last known one, and its age is said', async () => {
    await house.says('ann', '/model')
    house.setSold(() => {
      throw new Error('OpenRouter is down')
    })
    house.setClock(new Date(Date.now() + 3 * 3600_000))
    expect(await house.says('ann', '/model')).toContain('prices are those of 3 hours ago')
    await house.says('ann', '/model haiku')
    expect(house.started).toMatchObject([{ args: { to: 'anthropic/claude-haiku-4.5' } }])
  })

  it('that never answered changes nothing, and says so', async () => {
    house.setSold(() => {
      throw new Error('OpenRouter is down')
    })
    expect(await house.says('ann', '/model haiku')).toContain('can’t be had'.replace('’', "'"))
    expect(house.started).toEqual([])
  })
})
