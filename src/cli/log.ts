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

/**
 * Standard output, written at once for all lines of a moment: a system call for each line costs a busy server
 * more than the line. What was logged is written before the process ends, unless it is killed.
 */
function gathered(): DestinationStream {
  const output = pino.destination({ fd: 1, sync: true, minLength: 16_000 })
  let waiting: NodeJS.Timeout | undefined
  const flush = () => {
    waiting = undefined
    output.flushSync()
  }
  process.on('exit', flush)
  return {
    write(line) {
      output.write(line)
      waiting ??= setTimeout(flush, GATHER_MS)
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
