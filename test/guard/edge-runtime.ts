/**
 * A runtime that has what the web has and nothing of Node: `node --experimental-vm-modules edge-runtime.ts ISSUER
 * AUDIENCE TOKEN…` guards a handler in it and prints the statuses of its answers, for each token and for none.
 */
import { readFile } from 'node:fs/promises'
import { createRequire, stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createContext, SourceTextModule } from 'node:vm'

const web = [
  ...['fetch', 'Request', 'Response', 'Headers', 'URL', 'URLSearchParams', 'AbortController', 'AbortSignal'],
  ...['crypto', 'CryptoKey', 'TextEncoder', 'TextDecoder', 'atob', 'btoa', 'structuredClone', 'performance'],
  ...['setTimeout', 'clearTimeout', 'queueMicrotask', 'DOMException'],
  // Of the realm that all of these answer with.
  ...['Uint8Array', 'ArrayBuffer', 'Error', 'TypeError', 'Object', 'Array'],
]
const globals: Record<string, unknown> = {}
for (const name of web) globals[name] = Reflect.get(globalThis, name)
const context = createContext(globals)

const guard = join(import.meta.dirname, '../../src/guard/guard.ts')
const jose = createRequire(guard).resolve('jose')
const modules = new Map<string, Promise<SourceTextModule>>()

/** Of the guard's own files and `jose`; whatever else is imported is not there. */
function load(path: string): Promise<SourceTextModule> {
  const known = modules.get(path) ?? read(path)
  modules.set(path, known)
  return known
}

async function read(path: string): Promise<SourceTextModule> {
  const text = await readFile(path, 'utf8')
  const code = path.endsWith('.ts') ? stripTypeScriptTypes(text) : text
  return new SourceTextModule(code, { context, identifier: pathToFileURL(path).href })
}

const root = await load(guard)
await root.link((specifier, { identifier }) => {
  if (specifier === 'jose') return load(jose)
  if (!specifier.startsWith('.')) throw new TypeError(`no runtime of the web has ${specifier}`)
  return load(fileURLToPath(new URL(specifier, identifier)))
})
await root.evaluate()

const [issuer = '', audience = '', ...tokens] = process.argv.slice(2)
const { fetchGuard } = root.namespace as Pick<typeof import('../../src/guard/guard.ts'), 'fetchGuard'>
const handle = fetchGuard({ issuer, audience }).requireToken()((_request, caller) =>
  Response.json({ id: caller.id }),
)
for (const token of [undefined, ...tokens]) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const answer = await handle(new Request(audience, { headers }))
  console.log(answer.status, answer.status === 200 ? ((await answer.json()) as { id: string }).id : '')
}
