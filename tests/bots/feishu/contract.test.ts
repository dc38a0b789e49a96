import { platformContract } from '../../contracts/platform.ts'
import { type FeishuHarness, openHarness } from './harness.ts'

const faults = {
  redelivers: true,
  keepsWhileAway: true,
  deleteLastMessage: async ({ people }: FeishuHarness, { userId }: { userId: string }) => {
    const person = people.get(userId)
    await person?.recalls(person.chat().last()?.id ?? '')
  },
  rateLimitNext: ({ feishu }: FeishuHarness, seconds: number) => feishu.rateLimitNext('send', seconds),
  block: async ({ people }: FeishuHarness, { userId }: { userId: string }) => people.get(userId)?.blocks(),
  outageNext: ({ feishu }: FeishuHarness) => feishu.failNext('send', 'drop', 2), // the first only ends a kept connection, which is taken up anew.
}

platformContract<FeishuHarness>('Feishu, by its long connection,', () => openHarness('long connection'), faults)
platformContract<FeishuHarness>('Feishu, by its webhook,', () => openHarness('webhook'), faults)
