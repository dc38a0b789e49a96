/**
 * What changes a channel of an assistant runs alone there: a bot that is connected while it is disconnected would go on with nobody knowing
 * of it. Not among them is the registration of a Feishu app, which waits for a person.
 */
export const ONE_AT_A_TIME = {
  most: 1,
  text: { id: 'channel-busy' },
  kinds: ['connect-channel', 'adopt-bot', 'rotate-token', 'disconnect-channel'],
} as const
