/** `npm run check`: every script of package.json named `check:…`. All run, then all is told. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'

const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync('package.json', 'utf8'))
const checks = Object.entries(scripts).filter(([name]) => name.startsWith('check:'))

/** npm puts `node_modules/.bin` first in PATH, so the tools are the repository's own. */
function run(command: string): Promise<{ ok: boolean; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, { shell: true, stdio: ['ignore', 'pipe', 'pipe'] })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('close', (code) => resolve({ ok: code === 0, output: Buffer.concat(chunks).toString() }))
  })
}

const results = await Promise.all(
  checks.map(async ([name, command]) => ({ name, command, ...(await run(command)) })),
)
for (const { name, command, ok, output } of results) {
  console.log(`${ok ? '✔' : '✘'} ${name} (${command})`)
  if (!ok) console.log(output.trimEnd().replaceAll(/^/gm, '  '))
}
if (results.some(({ ok }) => !ok)) process.exitCode = 1
