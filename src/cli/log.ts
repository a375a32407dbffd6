/** The log: one JSON object a line for machines, one short line for the person in front of the demo. */
import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino'
import type { Terminal } from './terminal.ts'

const options: LoggerOptions = {
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (level) => ({ level }) },
}

/** JSON on standard output; `process` tells the workers of one machine apart. */
export function createLog(): Logger {
  return pino({ ...options, base: { process: process.pid } }, gathered())
}

/** How long a line may wait for others, in milliseconds; whoever reads a log does not read faster. */
const GATHER_MS = 20
/** So many characters do not wait. */
const GATHERED = 16_000

/**
 * Standard output, written at once for all lines of a moment: a system call for each line costs a busy server
 * more than the line. What was logged is written before the process ends, unless it is killed. It is gathered here,
 * because what gathers in pino's own destination is flushed with a wait for the disk.
 */
function gathered(): DestinationStream {
  const output = pino.destination({ fd: 1, sync: true })
  let lines = ''
  let timer: NodeJS.Timeout | undefined
  const flush = () => {
    clearTimeout(timer)
    timer = undefined
    if (lines !== '') output.write(lines)
    lines = ''
  }
  process.on('exit', flush)
  return {
    write(line) {
      lines += line
      if (lines.length > GATHERED) flush()
      else timer ??= setTimeout(flush, GATHER_MS)
    },
  }
}

/** Warnings and errors on standard error, because standard output is the command's answer. */
export function createCommandLog(terminal: Terminal): Logger {
  return pino({ ...options, level: 'warn' }, humanLines(terminal.err))
}

/** Tells what happens, but not of each request that went well. */
export function createDemoLog(terminal: Terminal): Logger {
  return pino(
    options,
    humanLines(terminal.out, ({ level, msg }) => level !== 'info' || msg !== 'request'),
  )
}

type Line = Record<string, unknown> & { time: string; level: string; msg: string; err?: { message?: string } }

function humanLines(write: (text: string) => void, wanted = (_: Line) => true): DestinationStream {
  return {
    write(text) {
      const line: Line = JSON.parse(text)
      if (!wanted(line)) return
      const { time, level, msg, err, ...rest } = line
      const more = Object.entries(rest).map(([key, value]) => `${key}=${plain(value)}`)
      const reason = err?.message ? [`(${err.message})`] : []
      const mark = level === 'info' ? [] : [level]
      write([time.slice(11, 19), ...mark, msg, ...more, ...reason].join(' '))
    },
  }
}

const plain = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
