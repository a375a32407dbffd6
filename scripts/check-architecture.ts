/**
 * The rules of the house that types cannot express, as one function from sources to complaints.
 * `test/architecture.test.ts` holds the repository against it, and it against houses that are wrong on purpose.
 */

export interface Source {
  /** Relative to the repository, with forward slashes. */
  path: string
  text: string
}

/** From the ground up. A room imports only from floors below its own, and there only the face. */
const floors = [
  ['errors', 'turns', 'ports'],
  ['config'],
  ['storage', 'locale'],
  ['outbox'],
  ['http', 'mail', 'guard'],
  ['keys'],
  ['events'],
  ['accounts'],
  ['orgs'],
  ['applications'],
  ['plugins'],
  ['flow'],
  ['oidc'],
  ['account-pages', 'gateway', 'admin'],
  ['app'],
  ['cli'],
]

const MAX_LINES = 400

/** Complaints, each beginning with the path it is about. An empty list is a house in order. */
export function checkArchitecture(sources: readonly Source[]): string[] {
  const paths = new Set(sources.map(({ path }) => path))
  return sources.flatMap(({ path, text }) => {
    const code = withoutComments(text)
    const complaints = [
      ...checkShape(path, text, code),
      ...checkTimeAndChance(path, code),
      ...importsOf(code).flatMap((specifier) => [
        ...checkPackage(path, specifier),
        ...checkFloor(path, specifier, paths),
      ]),
    ]
    return [...new Set(complaints)].map((complaint) => `${path}: ${complaint}`)
  })
}

/** Every module that a source names in import, export … from, and import(). */
export function importsOf(code: string): string[] {
  const statements =
    /^[ \t]*(?:import|export)\b[^'";=]*?\bfrom\s*['"]([^'"]+)['"]|^[ \t]*import\s*['"]([^'"]+)['"]/gm
  const calls = /\bimport\(\s*['"]([^'"]+)['"]/g
  return [...code.matchAll(statements), ...code.matchAll(calls)].map((match) => match[1] ?? match[2] ?? '')
}

function checkShape(path: string, text: string, code: string): string[] {
  const complaints: string[] = []
  const lines = text.trimEnd().split('\n').length
  if (lines > MAX_LINES) complaints.push(`${lines} lines; at most ${MAX_LINES}`)
  if (/^\s*export\s+\*/m.test(code)) complaints.push('export *')
  if (/(?:^|\/)(?:utils?|helpers?)(?:\/|\.ts$)/.test(path)) complaints.push('a name that says nothing')
  if (isFace(path) && !text.startsWith('/**')) {
    complaints.push('a face that does not open by saying what the room owns')
  }
  return complaints
}

function checkTimeAndChance(path: string, code: string): string[] {
  if (!path.startsWith('src/') || ['app', 'cli'].includes(roomOf(path) ?? '')) return []
  // Other programs import the guard, so no app.ts of ours is there to hand it a clock: it begins here.
  if (path === 'src/guard/create-guard.ts') return []
  const complaints: string[] = []
  if (/\bDate\.now\b|\bnew Date\(\s*\)|(?<!new |[.\w])Date\(\)/.test(code))
    complaints.push('reads the clock; take `now`')
  if (/\bMath\.random\b/.test(code)) complaints.push('Math.random; take `random`')
  return complaints
}

function checkPackage(path: string, specifier: string): string[] {
  if (specifier.startsWith('.')) return []
  const inSource = path.startsWith('src/')
  if (roomOf(path) === 'guard' && specifier !== 'jose')
    return [`imports ${specifier}; guard imports only jose`]
  if (
    inSource &&
    /^(?:mongoose|mongodb)(?:\/|$)/.test(specifier) &&
    !path.startsWith('src/storage/mongodb/')
  ) {
    return [`imports ${specifier} outside src/storage/mongodb`]
  }
  if (inSource && /^maitred(?:\/|$)/.test(specifier)) return [`imports ${specifier} from within`]
  return []
}

function checkFloor(path: string, specifier: string, paths: ReadonlySet<string>): string[] {
  if (!specifier.startsWith('.')) return []
  const target = resolvePath(path, specifier)
  if (path.startsWith('examples/') && !target.startsWith('examples/')) {
    return [`imports ${target}; an example imports what the package exports`]
  }
  if (!path.startsWith('src/')) return []
  // The demo shows the examples; nothing else knows that they exist.
  if (path === 'src/cli/demo.ts' && target.startsWith('examples/')) return []
  if (!target.startsWith('src/')) return [`imports ${target} from outside src`]

  const [from, to] = [roomOf(path), roomOf(target)]
  const [fromFloor, toFloor] = [floorOf(from), floorOf(to)]
  if (fromFloor < 0) return [`stands on no floor`]
  if (toFloor < 0) return [`imports ${target}, which stands on no floor`]
  if (from === to) return []
  if (from === 'guard') return [`imports ${target}; guard imports nothing of ours`]
  if (toFloor > fromFloor) return [`imports ${target}, which is above it`]
  if (toFloor === fromFloor) return [`imports ${target}, which is on its own floor`]
  if (!isFace(target)) return [`imports ${target} past the face of ${to}`]
  return paths.has(target) ? [] : [`imports ${target}, which is not there`]
}

const floorOf = (room: string | undefined) => floors.findIndex((rooms) => rooms.includes(room ?? ''))

/** `src/mail/outbox.ts` and `src/mail.ts` are of the room mail. */
const roomOf = (path: string) => /^src\/([^/.]+)/.exec(path)?.[1]

/** `src/config.ts`, `src/mail/mail.ts`; each kind of plug-in has a face of its own, `src/plugins/factors/factors.ts`. */
const isFace = (path: string) => /^src\/(?:[^/]+|([^/]+)\/\1|plugins\/([^/]+)\/\2)\.ts$/.test(path)

function resolvePath(from: string, specifier: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1)
}

/** Blanks out comments, and leaves strings (which may hold `//`) alone. */
function withoutComments(text: string): string {
  const tokens = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\//g
  return text.replace(tokens, (token) => (/^\/[/*]/.test(token) ? '' : token))
}
