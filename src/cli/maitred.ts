#!/usr/bin/env node
/**
 * The command line: it reads the configuration, has `app.ts` compose the rooms, and tells what came of it.
 * It decides nothing that another program could not decide through the API.
 */
import { enableCompileCache } from 'node:module'

// Before anything else is loaded: it halves the start.
enableCompileCache()
const { run } = await import('./program.ts')

const terminal = {
  env: process.env,
  cwd: process.cwd(),
  out: (text: string) => process.stdout.write(`${text}\n`),
  err: (text: string) => process.stderr.write(`${text}\n`),
}
process.exit(await run(process.argv.slice(2), terminal))
