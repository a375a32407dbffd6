/** How far something is: a bar that grows on a terminal, and a line for every tenth elsewhere. */
import type { WriteStream } from 'node:tty'

export interface Progress {
  show(done: number): void
  end(): void
}

/** @param o.out may be a file or a pipe: then it has no `isTTY` */
export function createProgress(o: {
  out: Pick<WriteStream, 'write'> & { isTTY?: boolean; columns?: number }
  total: number
  what: string
}): Progress {
  const { out, total, what } = o
  let shown = ''

  function line(done: number): string {
    const share = done / total
    const number = String(Math.floor(done)).padStart(out.isTTY ? String(total).length : 0)
    const count = `${number} of ${total} ${what}`
    if (!out.isTTY) return `${Math.floor(share * 10) * 10} %, ${count}`
    const width = Math.max(10, Math.min(40, (out.columns ?? 80) - count.length - 4))
    const full = Math.round(share * width)
    return `[${'#'.repeat(full)}${'-'.repeat(width - full)}] ${count}`
  }

  /** A tenth is told once, and a bar drawn again only when it looks different. */
  const key = (done: number) => (out.isTTY ? line(done) : String(Math.floor((done / total) * 10)))

  return {
    show(done) {
      if (key(done) === shown) return
      shown = key(done)
      out.write(out.isTTY ? `\r${line(done)}` : `${line(done)}\n`)
    },
    end() {
      if (out.isTTY) out.write('\n')
    },
  }
}
