/** An error in one sentence for whoever sits at the terminal, and the exit code it means. */
import { ConfigurationError } from '../config.ts'
import { MaitredError } from '../errors.ts'

export interface Explanation {
  readonly text: string
  /** 1 failed, 2 wrong usage or configuration. */
  readonly code: 1 | 2
}

export function explain(error: unknown): Explanation {
  if (error instanceof ConfigurationError) return { text: error.message, code: 2 }
  if (error instanceof UsageError) return { text: error.message, code: 2 }
  if (error instanceof MaitredError) {
    // Some say it themselves, as a state file's problems do.
    const text = error.message === error.code ? sentence(error.code, reasonOf(error)) : error.message
    return { text, code: error.code === 'invalid_form' ? 2 : 1 }
  }
  if (!(error instanceof Error)) return { text: String(error), code: 1 }
  const text = systemSentence(error)
  // What is neither ours nor the system's is a fault in the program, and needs its stack to be mended.
  return { text: text ?? `This should not have happened. ${error.stack ?? error.message}`, code: 1 }
}

/** The command was called with something it cannot work on. */
export class UsageError extends Error {}

const sentences: Partial<Record<MaitredError['code'], string>> = {
  store_unavailable: 'The store does not answer',
  conflict: 'It exists already, or something else changed it meanwhile',
}

function sentence(code: MaitredError['code'], reason: string | undefined): string {
  const what = sentences[code]
  if (what) return reason ? `${what}: ${reason}` : `${what}.`
  return reason ?? `It did not work (${code}).`
}

function systemSentence(error: Error): string | undefined {
  const { code, path, address, port } = error as NodeJS.ErrnoException & { address?: string; port?: number }
  if (code === 'EADDRINUSE') {
    return `${address}:${port} is in use by another program. Stop that one, or choose another PORT.`
  }
  if (code === 'EADDRNOTAVAIL') return `${address} is not an address of this machine. Choose another HOST.`
  if (code === 'EACCES' && port !== undefined) {
    return `Port ${port} is not allowed for this user. Choose a PORT above 1023.`
  }
  if (code === 'ENOENT' && path) return `There is no file ${path}.`
  if (code && path && /^E[A-Z]+$/.test(code)) return `${path} could not be used: ${firstLine(error.message)}`
  return undefined
}

/** What the first error that is not ours says: it is nearest to what the operator can mend. */
function reasonOf({ cause }: MaitredError): string | undefined {
  if (cause instanceof MaitredError) return reasonOf(cause)
  if (cause instanceof Error) return firstLine(cause.message)
  return typeof cause === 'string' ? cause : undefined
}

const firstLine = (text: string) => text.split('\n', 1)[0] ?? ''
