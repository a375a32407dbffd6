#!/usr/bin/env node
/**
 * The command line: it reads the configuration, has `app.ts` compose the rooms, and tells what came of it.
 * It decides nothing that another program could not decide through the API.
 *
 * It alone is JavaScript. Node loads what strips types, a tenth of the start, only for a file that the compile cache
 * does not hold, and the first file is read before there is one. An old Node, too, can only read this.
 */
import module from 'node:module'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'

// An older Node would fail on the first import that it does not know, with words that help nobody.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`Maitred needs Node 22.18 or newer; this is Node ${process.versions.node}.\n`)
  process.exit(1)
}

// Before anything else is loaded: it halves the start. Of a file the cache holds for good what the first process that
// loaded it had called by its end, so servers have one of their own, and none pays for what others never call.
const kind = process.argv[2] === 'serve' || process.argv[2] === 'demo' ? process.argv[2] : 'commands'
module.enableCompileCache(join(tmpdir(), 'node-compile-cache', `maitred-${kind}`))
// Node's four threads would all be busy with password hashes, and no signature could be made beside them.
process.env.UV_THREADPOOL_SIZE ??= String(availableParallelism() + 4)
const { run } = await import('./program.ts')

const code = await run(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  out: (text) => process.stdout.write(`${text}\n`),
  err: (text) => process.stderr.write(`${text}\n`),
})
process.exit(code)
