import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect } from 'chai'
import { checkArchitecture, importsOf } from '../scripts/check-architecture.ts'

const root = resolve(import.meta.dirname, '..')
const read = (path: string) => readFileSync(resolve(root, path), 'utf8')

describe('architecture', () => {
  it('is kept by every file', () => {
    const paths = globSync('{src,test,examples,scripts,config}/**/*.{js,ts}', {
      cwd: root,
      exclude: ['**/node_modules'],
    })
    expect(paths).to.include('src/config.ts')
    expect(checkArchitecture(paths.map((path) => ({ path, text: read(path) })))).to.deep.equal([])
  })

  it('names every dependency in docs/decisions/dependencies.md, and no other', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json'))
    const used = Object.keys({ ...dependencies, ...devDependencies }).filter(
      (name) => !name.startsWith('@types/'),
    )
    const named = [...read('docs/decisions/dependencies.md').matchAll(/^- `([^`]+)` – ./gm)].map(
      (match) => match[1],
    )
    expect(named.filter((name) => name !== '@types/*').sort()).to.deep.equal(used.sort())
  })
})

describe('the architecture check', () => {
  const faces = ['src/mail/mail.ts', 'src/accounts/accounts.ts', 'src/storage/storage.ts', 'src/config.ts']

  /** What is said of `text` at `path`, in a house that has some rooms. */
  function check(path: string, text: string): string[] {
    const house = faces
      .filter((face) => face !== path)
      .map((face) => ({ path: face, text: '/** A room. */' }))
    return checkArchitecture([...house, { path, text }])
  }

  const wrong: [what: string, path: string, text: string, complaint: RegExp][] = [
    ['an import up', 'src/mail/mail.ts', "/** */\nimport { x } from '../accounts/accounts.ts'", /above/],
    ['a type import up', 'src/keys/vault.ts', "import type { X } from '../accounts/accounts.ts'", /above/],
    ['a dynamic import up', 'src/keys/vault.ts', "await import('../accounts/accounts.ts')", /above/],
    ['a re-export from above', 'src/keys/vault.ts', "export { x } from '../accounts/accounts.ts'", /above/],
    ['an import sideways', 'src/http/csrf.ts', "import { x } from '../mail/mail.ts'", /own floor/],
    [
      'an import past the face',
      'src/accounts/a.ts',
      "import { x } from '../mail/outbox.ts'",
      /past the face/,
    ],
    [
      'an import of many lines',
      'src/keys/a.ts',
      "import {\n  a,\n  b,\n} from '../accounts/accounts.ts'",
      /above/,
    ],
    ['an import for its effect', 'src/keys/a.ts', "import '../accounts/accounts.ts'", /above/],
    ['an import of nothing', 'src/accounts/a.ts', "import { x } from '../events/events.ts'", /not there/],
    ['a room without a floor', 'src/cellar/a.ts', "import { x } from '../config.ts'", /no floor/],
    [
      'an import of a test',
      'src/accounts/a.ts',
      "import { x } from '../../test/support/x.ts'",
      /outside src/,
    ],
    ['export *', 'src/accounts/a.ts', "export * from './b.ts'", /export \*/],
    ['export * as', 'test/support/a.ts', "export * as b from './b.ts'", /export \*/],
    ['a long file', 'test/a.test.ts', '\n'.repeat(400).concat('x'), /401 lines/],
    ['a reading of the clock', 'src/accounts/a.ts', 'const t = Date.now()', /clock/],
    ['a new date', 'src/config/a.ts', 'const t = new Date()', /clock/],
    ['the clock as a default', 'src/mail/a.ts', 'const f = (now = Date.now) => now()', /clock/],
    ['chance', 'src/mail/a.ts', 'const r = Math.random()', /random/],
    [
      'mongoose',
      'src/storage/sqlite/a.ts',
      "import mongoose from 'mongoose'",
      /outside src\/storage\/mongodb/,
    ],
    ['the driver', 'src/accounts/a.ts', "import type { Db } from 'mongodb'", /outside src\/storage\/mongodb/],
    ['a guard with a package', 'src/guard/a.ts', "import Koa from 'koa'", /only jose/],
    ['a guard with a room', 'src/guard/a.ts', "import { x } from '../config.ts'", /nothing of ours/],
    [
      'an import of an example',
      'src/cli/serve.ts',
      "import { x } from '../../examples/a/b.ts'",
      /outside src/,
    ],
    ['an example in src', 'examples/a/b.ts', "import { x } from '../../src/config.ts'", /package exports/],
    ['a word that says nothing', 'src/accounts/utils.ts', '', /says nothing/],
    ['a face without a word', 'src/mail/mail.ts', 'export const x = 1', /saying what/],
    ['the package from within', 'src/accounts/a.ts', "import { x } from 'maitred'", /from within/],
  ]
  for (const [what, path, text, complaint] of wrong) {
    it(`finds ${what}`, () => {
      expect(check(path, text)).to.have.length(1)
      expect(check(path, text)[0])
        .to.match(complaint)
        .and.to.satisfy((found: string) => found.startsWith(path))
    })
  }

  const right: [what: string, path: string, text: string][] = [
    ['an import down', 'src/accounts/a.ts', "import { x } from '../storage/storage.ts'"],
    ['an import within the room', 'src/accounts/a.ts', "import { x } from './password/b.ts'"],
    ['parts of a file-sized room', 'src/config/a.ts', "import { x } from '../config.ts'"],
    ['a given date', 'src/accounts/a.ts', 'const t = new Date(0)\nconst u = new Date(now() + 1)'],
    [
      'the clock in a comment',
      'src/accounts/a.ts',
      '// never Date.now()\n/* new Date() */ const u = "https://x"',
    ],
    ['the clock where it is read', 'src/cli/serve.ts', 'const now = () => new Date()'],
    ['the clock where the guard begins', 'src/guard/create-guard.ts', 'const now = () => new Date()'],
    ['the driver in its place', 'src/storage/mongodb/a.ts', "import mongoose from 'mongoose'"],
    ['a guard with jose', 'src/guard/a.ts', "import { jwtVerify } from 'jose'"],
    [
      'an example on the exports',
      'examples/a/b.ts',
      "import { x } from 'maitred/guard'\nimport { y } from './c.ts'",
    ],
    ['the demo that shows examples', 'src/cli/demo.ts', "await import('../../examples/a/b.ts')"],
    ['a test that looks inside', 'test/a.test.ts', "import { x } from '../src/accounts/password.ts'"],
    ['a file of 400 lines', 'test/a.test.ts', '\n'.repeat(399).concat('x\n')],
  ]
  for (const [what, path, text] of right) {
    it(`accepts ${what}`, () => {
      expect(check(path, text)).to.deep.equal([])
    })
  }

  it('reads every form of import', () => {
    const forms = [
      "import a from 'a'",
      "import * as b from 'b'",
      'import c, { type C } from "c"',
      "import type { D } from 'd'",
      "import 'e'",
      "export { f } from 'f'",
      "export type { G } from 'g'",
      "const h = await import('h')",
      "import i from 'i' with { type: 'json' }",
      'const j = "from \'j\'"',
    ]
    expect(importsOf(forms.join('\n')).sort()).to.deep.equal([...'abcdefghi'])
  })
})
