import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { DocumentError, type Problem, readDocument } from '../../src/admin/admin.ts'

function problemsOf(text: string): readonly Problem[] {
  try {
    readDocument(text)
  } catch (error) {
    if (error instanceof DocumentError) return error.problems
    throw error
  }
  return []
}

describe('DC-11 a state file', () => {
  it('may be empty', () => {
    expect(readDocument('')).to.deep.include({ apis: {}, roles: {}, applications: {}, people: [] })
  })

  it('is the one of the demo', () => {
    const demo = readDocument(readFileSync(new URL('../../config/demo.yaml', import.meta.url), 'utf8'))
    expect(Object.keys(demo.applications)).to.include.members(['front-of-house', 'kitchen-display'])
    expect(demo.people.map(({ roles }) => roles)).to.deep.equal([
      ['owner'],
      ['manager'],
      ['waiter'],
      ['chef'],
      ['customer'],
    ])
  })

  it('tells all problems at once, each with its line and its path', () => {
    const problems = problemsOf(`roles:
  waiter:
    titel: Waiter
    permissions:
      no api: [x]
applications:
  desk:
    name: ''
    redirectUris:
      - https://fine.example/callback
      - http://not-loopback.example/callback
    secret: too short
people:
  - firstName: Nobody
  - email: ada@example.com
    password: one
    passwordHash: two
unknown: 1
`)
    expect(problems.map(({ line, path }) => [line, path])).to.deep.equal([
      [2, 'roles.waiter.title'],
      [3, 'roles.waiter.titel'],
      [5, 'roles.waiter.permissions.no api'],
      [8, 'applications.desk.name'],
      [11, 'applications.desk.redirectUris.1'],
      [12, 'applications.desk.secret'],
      [14, 'people.0'],
      [15, 'people.1'],
      [17, 'people.1.passwordHash'],
      [18, 'unknown'],
    ])
  })

  it('never repeats a value, which may be a secret', () => {
    const secrets = ['sesame-0123', 'open-sesame\u0000', 'hash-of-sesame']
    const text = `applications: { a: { name: A, secret: ${secrets[0]} } }
people: [{ email: sesame, password: "open-sesame\\0", passwordHash: ${secrets[2]}, totp: sesame }]`
    try {
      readDocument(text)
      expect.fail('it was accepted')
    } catch (error) {
      expect(String(error)).to.not.include('sesame')
    }
  })

  const broken: [what: string, text: string, line: number][] = [
    ['a bracket left open', 'people: [\n', 2],
    ['a key that stands twice', 'roles:\n  a: { title: A }\n  a: { title: B }\n', 3],
    ['two documents', 'people: []\n---\npeople: []\n', 2],
    ['a list', '- 1', 1],
    ['an alias of nothing', 'people: *nobody', 1],
    ['a bomb of aliases', `a: &a [x,x,x,x,x,x,x,x,x,x]\n${bomb()}`, 1],
  ]
  for (const [what, text, line] of broken) {
    it(`refuses ${what}`, () => expect(problemsOf(text)[0]?.line).to.equal(line))
  }

  describe('redirect URIs', () => {
    const judge = (uri: string) =>
      problemsOf(`applications: { a: { name: A, redirectUris: [${JSON.stringify(uri)}] } }`).length === 0
    for (const uri of [
      'https://app.example/callback?x=1',
      'http://localhost:3001/callback',
      'http://127.0.0.1/callback',
      'http://[::1]:1/callback',
      'com.example.app:/callback',
    ]) {
      it(`may be ${uri}`, () => expect(judge(uri)).to.equal(true))
    }
    for (const uri of [
      'http://app.example/callback',
      'http://localhost.evil.example/callback',
      'https://app.example/callback#x',
      'https://app.example@evil.example/callback',
      'https://app.example\\@evil.example/callback',
      'JaVaScRiPt:alert(1)',
      'data:text/html,x',
      'myapp:/callback',
      '/callback',
      'https://app.example/\ncallback',
    ]) {
      it(`may not be ${JSON.stringify(uri)}`, () => expect(judge(uri)).to.equal(false))
    }
  })
})

function bomb(): string {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  return names
    .slice(1)
    .map((name, i) => `${name}: &${name} [${Array(10).fill(`*${names[i]}`).join(',')}]`)
    .join('\n')
}
