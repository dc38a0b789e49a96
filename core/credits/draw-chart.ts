import { existsSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { assetPath } from '../assets.ts'
import type { Draw } from '../chat/platform.ts'
import type { Chart } from '../chat/view.ts'
import type { Localiser } from '../i18n/index.ts'
import { type ChartWords, paceMicros, usageChart } from './usage-chart.ts'

const FONTS = ['inter-medium.ttf', 'inter-semibold.ttf', 'noto-sans-sc-medium.ttf', 'noto-sans-sc-semibold.ttf']
/** The thread and its library hold some 50 MB; a customer who looks twice finds it warm. */
const IDLE_SECONDS = 60
/** Isolates around names and amounts matter in a chat bubble; in the picture they would be drawn as boxes. */
const ISOLATES = /[\u2066-\u2069]/g

type RenderOptions = {
  readonly font: { readonly fontFiles: string[]; readonly loadSystemFonts: boolean; readonly defaultFontFamily: string }
}
export type DrawRequest = { readonly id: number; readonly svg: string; readonly options: RenderOptions }
export type DrawAnswer = { readonly id: number } & ({ readonly png: Uint8Array<ArrayBuffer> } | { readonly failure: string })

export type DrawOptions = {
  readonly localiser: Localiser
  /** The built worker; by default the one in dist/ if this is the bundle. Null draws without a thread of its own. */
  readonly workerFile?: string | null
  readonly idleSeconds?: number
}

/**
 * Draws charts as PNG in a worker thread, which starts with the first picture and ends when none was wanted for a minute.
 * From sources (tests) Node cannot start a TypeScript thread, so it draws with the library's own thread pool there.
 */
export function createDraw({
  localiser,
  workerFile = builtWorker(),
  idleSeconds = IDLE_SECONDS,
}: DrawOptions): Draw & { close(): Promise<void> } {
  // Only the bundled fonts: a server without any draws the same picture.
  const options: RenderOptions = {
    font: {
      fontFiles: FONTS.map((file) => assetPath(`core/credits/fonts/${file}`)),
      loadSystemFonts: false,
      defaultFontFamily: 'Inter Medium',
    },
  }
  const render = workerFile === null ? inThisThread() : inWorker(workerFile, idleSeconds)

  const draw = async (chart: Chart): Promise<Buffer> => render.png(usageChart(chart, wordsFor(chart, localiser)), options)
  return Object.assign(draw, { close: render.close })
}

/** The picture's words in the reader's language. */
export function wordsFor(chart: Chart, localiser: Localiser): ChartWords {
  const language = localiser.nearest(chart.language)
  const say = (text: Parameters<Localiser['text']>[0]) => localiser.text(text, language).replace(ISOLATES, '')
  return {
    pace: say({ id: 'chart-pace', args: { amount: { micros: Math.round(paceMicros(chart)) } } }),
    today: say({ id: 'chart-today' }),
    empty: say({ id: 'chart-empty' }),
  }
}

/** Tests run this file itself, as TypeScript; a dist/ beside it may be of another day. */
function builtWorker(): string | null {
  if (import.meta.url.endsWith('.ts')) return null
  const file = assetPath('dist/chart-worker.js')
  return existsSync(file) ? file : null
}

type Renderer = { png(svg: string, options: RenderOptions): Promise<Buffer>; close(): Promise<void> }

function inThisThread(): Renderer {
  return {
    async png(svg, options) {
      const { renderAsync } = await import('@resvg/resvg-js')
      return (await renderAsync(svg, options)).asPng()
    },
    close: async () => undefined,
  }
}

function inWorker(file: string, idleSeconds: number): Renderer {
  type Waiting = { resolve: (png: Buffer) => void; reject: (error: Error) => void }
  const waiting = new Map<number, Waiting>()
  let worker: Worker | null = null
  let idle: NodeJS.Timeout | undefined
  let lastId = 0

  function start(): Worker {
    const started = new Worker(file, { name: 'chart' })
    started.on('message', (answer: DrawAnswer) => {
      const asker = waiting.get(answer.id)
      waiting.delete(answer.id)
      if ('png' in answer) asker?.resolve(Buffer.from(answer.png.buffer))
      else asker?.reject(new Error(`the chart could not be drawn: ${answer.failure}`))
      if (waiting.size === 0) rest(started)
    })
    started.on('error', (error) => lose(started, error))
    started.on('exit', () => lose(started, new Error('the chart thread ended')))
    return started
  }

  /** An idle thread keeps no process alive, and ends after a while. */
  function rest(resting: Worker): void {
    resting.unref()
    clearTimeout(idle)
    idle = setTimeout(() => {
      if (waiting.size === 0) void stop()
    }, idleSeconds * 1000).unref()
  }

  function lose(lost: Worker, error: unknown): void {
    if (worker !== lost) return
    worker = null
    for (const { reject } of waiting.values()) reject(error instanceof Error ? error : new Error(String(error)))
    waiting.clear()
  }

  async function stop(): Promise<void> {
    clearTimeout(idle)
    const stopped = worker
    await stopped?.terminate()
  }

  return {
    png: (svg, options) =>
      new Promise((resolve, reject) => {
        clearTimeout(idle)
        worker ??= start()
        worker.ref()
        const id = ++lastId
        waiting.set(id, { resolve, reject })
        worker.postMessage({ id, svg, options } satisfies DrawRequest)
      }),
    close: stop,
  }
}
