import { parentPort } from 'node:worker_threads'
import { Resvg } from '@resvg/resvg-js'
import type { DrawAnswer, DrawRequest } from './draw-chart.ts'

// A thread of its own: drawing takes some 40 ms in which the service would answer nobody.
parentPort?.on('message', ({ id, svg, options }: DrawRequest) => {
  const answer = draw(id, svg, options)
  parentPort?.postMessage(answer, 'png' in answer ? [answer.png.buffer] : [])
})

function draw(id: number, svg: string, options: DrawRequest['options']): DrawAnswer {
  try {
    // Copied: the library's buffer is not ours to hand to another thread.
    return { id, png: new Uint8Array(new Resvg(svg, options).render().asPng()) }
  } catch (error) {
    return { id, failure: error instanceof Error ? error.message : String(error) }
  }
}
