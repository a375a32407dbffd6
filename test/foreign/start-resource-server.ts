/** Starts a resource server of another language. It ends when our end of its standard input closes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface ForeignServer {
  name: string
  url: string
  close(): Promise<void>
}

/** Resolves once it listens. @throws with what it complained about */
export async function startResourceServer(
  name: string,
  [program = '', ...args]: readonly string[],
  { issuer, audience }: { issuer: string; audience: string },
): Promise<ForeignServer> {
  const child = spawn(program, [...args, issuer, audience], { stdio: ['pipe', 'pipe', 'pipe'] })
  const port = await portOf(child)
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.stdin?.end()
      }),
  }
}

function portOf(child: ChildProcess): Promise<number> {
  let words = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    words += chunk
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${words}`)))
    if (child.stdout) createInterface(child.stdout).once('line', (line) => resolve(Number(line)))
  })
}
