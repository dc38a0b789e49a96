import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const TICK_MS = 10 // USER_HZ is 100 on every Linux that Node supports
const LINES_KEPT = 60
const STOP_SECONDS = 30 // a gateway may take twenty to end its turn

/** Starts a program and keeps the last lines it printed, for when it fails. */
export function start(command, args, { env, cwd, node = [] } = {}) {
  const began = performance.now()
  const child = spawn(command, command === process.execPath ? [...node, ...args] : args, {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines = []
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)))
  let onLine = () => undefined
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8')
    stream.on('data', (text) => {
      for (const line of text.split('\n').filter(Boolean)) {
        lines.push(line)
        onLine(line)
      }
      lines.splice(0, lines.length - LINES_KEPT)
    })
  }
  return {
    pid: child.pid,
    /** `performance.now()` of the spawn. */
    began,
    exited,
    output: () => lines.join('\n'),
    /** Rejects with what the program printed if it ends before `promise` is done. */
    async until(promise, what) {
      const ended = exited.then((code) => {
        throw new Error(`${args[0]} ended (${code}) before ${what}. It printed:\n${lines.join('\n')}`)
      })
      return Promise.race([promise, ended])
    },
    /** The first line that contains `text`. */
    line: (text) =>
      new Promise((resolve) => {
        const already = lines.find((line) => line.includes(text))
        if (already) resolve(already)
        onLine = (line) => line.includes(text) && resolve(line)
      }),
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill(signal)
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_SECONDS * 1000)
      await exited
      clearTimeout(timer)
    },
  }
}

/** CPU milliseconds that a process has used so far, user and system. */
export function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

/** CPU milliseconds of a process and its children (PostgreSQL's backends). */
export function familyCpuMs(pid) {
  return [pid, ...children(pid)].reduce((sum, one) => sum + cpuOrNothing(one), 0)
}

export function residentMb(pid) {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024
}

export function children(pid) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((other) => parent(other) === pid)
}

function parent(pid) {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')[1])
  } catch {
    return null // ended between the listing and the look
  }
}

function cpuOrNothing(pid) {
  try {
    return cpuMs(pid)
  } catch {
    return 0 // ended between the listing and the look
  }
}
