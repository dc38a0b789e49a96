import protobuf from 'protobufjs'
import { z } from 'zod'

/** A frame of the long connection, `pbbp2.Frame`: what the SDK's WSClient speaks. */
export type Frame = {
  /** 0 control (ping, pong), 1 data (events and their acknowledgements). */
  readonly method: number
  readonly service: number
  readonly headers: Readonly<Record<string, string>>
  readonly payload: Buffer
}

const required = (type: string, id: number) => ({ rule: 'required', type, id })
const root = protobuf.Root.fromJSON({
  nested: {
    pbbp2: {
      nested: {
        Header: { fields: { key: required('string', 1), value: required('string', 2) } },
        Frame: {
          fields: {
            SeqID: required('uint64', 1),
            LogID: required('uint64', 2),
            service: required('int32', 3),
            method: required('int32', 4),
            headers: { rule: 'repeated', type: 'Header', id: 5 },
            payloadEncoding: { type: 'string', id: 6 },
            payloadType: { type: 'string', id: 7 },
            payload: { type: 'bytes', id: 8 },
            LogIDNew: { type: 'string', id: 9 },
          },
        },
      },
    },
  },
})
const FrameType = root.lookupType('pbbp2.Frame')

const Decoded = z.object({
  method: z.number(),
  service: z.number(),
  headers: z.array(z.object({ key: z.string(), value: z.string() })).default([]),
  payload: z.instanceof(Uint8Array).default(new Uint8Array()),
})

export function encodeFrame({ method, service, headers, payload }: Frame): Uint8Array {
  const pairs = Object.entries(headers).map(([key, value]) => ({ key, value }))
  return FrameType.encode({ SeqID: 0, LogID: 0, service, method, headers: pairs, payload }).finish()
}

/** Throws at what is no frame. */
export function decodeFrame(bytes: Uint8Array): Frame {
  const { method, service, headers, payload } = Decoded.parse(FrameType.toObject(FrameType.decode(bytes), { longs: Number }))
  return {
    method,
    service,
    headers: Object.fromEntries(headers.map(({ key, value }) => [key, value])),
    payload: Buffer.from(payload),
  }
}
