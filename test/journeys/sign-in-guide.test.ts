/** The guide's own lines, run against a server that has the demo's state. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { generateSync } from 'otplib'
import { readDocument } from '../../src/admin/admin.ts'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'

const root = join(import.meta.dirname, '../..')
const exec = promisify(execFile)
const guide = await readFile(join(root, 'docs/guides/sign-in-without-a-browser.md'), 'utf8')
const demo = await readFile(join(root, 'config/demo.yaml'), 'utf8')

/** The lines for a shell with the answer that the guide promises next; `undefined` where there is no body. */
function examples(): { command: string; answer: Record<string, unknown> | undefined }[] {
  const blocks = [...guide.matchAll(/```(sh|json)\n([\s\S]*?)```/g)].map(([, kind, text = '']) => ({
    kind,
    text,
  }))
  return blocks.flatMap(({ kind, text }, at) => {
    if (kind !== 'sh') return []
    const next = blocks[at + 1]
    return [{ command: text, answer: next?.kind === 'json' ? JSON.parse(next.text) : undefined }]
  })
}

const table = [...guide.matchAll(/^\| (\d{3}) \| `(\w+)` \|/gm)].map(([, status, code = '']) => ({
  status: Number(status),
  code,
}))

for (const engine of engines()) {
  describe(`RF-3 RF-4 the guide to signing in without a browser (${engine.name})`, () => {
    let app: RunningApp
    let folder: string

    before(async () => {
      app = await startApp(engine)
      await app.desiredState.apply(readDocument(demo))
      folder = await mkdtemp(join(tmpdir(), 'maitred-guide-'))
    })
    after(async () => {
      await app?.stop()
      await rm(folder, { recursive: true, force: true })
    })

    /** Status and body of what the lines ask for. */
    async function run(command: string, env: Record<string, string>) {
      const line = command
        .replaceAll('http://localhost:3000', app.url)
        .replace(/^curl /, "curl -s -w '\\n%{http_code}' ")
      const { stdout } = await exec('sh', ['-c', line], { cwd: folder, env: { ...process.env, ...env } })
      const [body = '', status] = stdout.split(/\n(?=\d+$)/)
      return { status: Number(status), body: body === '' ? undefined : JSON.parse(body) }
    }

    it('has lines that do what it says', async function () {
      const there = await exec('curl', ['--version']).catch(() => undefined)
      if (!there && process.env.CI === 'true') throw new Error('There is no curl')
      if (!there) this.skip()
      const env: Record<string, string> = {}
      for (const { command, answer } of examples()) {
        env.CODE = generateSync({ secret: 'KVKFCRCPNZQUYMLXOVYDSQKJKZDTSRLD' })
        const { status, body } = await run(command, env)
        expect(status, command + JSON.stringify(body)).to.equal(answer ? (answer.status ?? 200) : 204)
        for (const [name, promised] of Object.entries(answer ?? {})) {
          const given = body[name]
          if (typeof promised === 'number') expect(given, name).to.be.within(promised - 10, promised)
          else if (String(promised).endsWith('…'))
            expect(given).to.match(RegExp(`^${promised}`.replace('…', '')))
          else expect(given, name).to.equal(promised)
        }
        env.TOKEN ??= body?.access_token
        env.MFA_TOKEN = body?.mfa_token ?? ''
      }
      expect(examples()).to.have.length(7)
    })

    it('has a snippet that registers an application for it', async () => {
      const [, yaml = ''] = /```yaml\n([\s\S]*?)```/.exec(guide) ?? []
      const { items } = await app.desiredState.plan(readDocument(yaml))
      expect(items.map(({ id, action }) => [id, action])).to.deep.equal([['kitchen-display', 'change']])
    })

    it('has refusals that are as it says', async () => {
      await app.desiredState.apply(
        readDocument('people: [{ email: new@example.com, mfa: true, password: a lantern on the stairs }]'),
      )
      const basic = `Basic ${btoa('kitchen-display:demo-only-kitchen-display-8c25e7d1904b6fa3')}`
      const send = async (path: string, body: string, headers: Record<string, string> = {}) => {
        const all = { authorization: basic, 'content-type': 'application/json', ...headers }
        const response = await fetch(app.url + path, { method: 'POST', headers: all, body })
        const { code, steps, fields, reference } = (await response.json()) as Record<string, unknown>
        expect(reference).to.be.a('string')
        return { status: response.status, code, steps, fields, retry: response.headers.get('retry-after') }
      }
      const who = (identifier: string, password: string) => JSON.stringify({ identifier, password })
      const ada = who('ada@bella-napoli.example', 'saffron umbrella at nine')
      const tries: Record<string, () => ReturnType<typeof send>> = {
        bad_request: () => send('/login', '{'),
        invalid_client: () =>
          send('/login', ada, { authorization: `Basic ${btoa('kitchen-display:wrong')}` }),
        wrong_credentials: () => send('/login', '{"mfa_token":"over","code":"123456"}'),
        mfa_required: () => send('/login', ada),
        unauthenticated: () => send('/logout', '{}', { authorization: 'Bearer over' }),
        sign_in_incomplete: () => send('/login', who('new@example.com', 'a lantern on the stairs')),
        csrf: () => send('/logout', '{}', { origin: 'https://evil.example' }),
        unsupported_media_type: () => send('/login', ada, { 'content-type': 'text/plain' }),
        invalid_form: () => send('/login', '{"username":"ada"}'),
        async too_many_requests() {
          for (let count = 0; count < 200; count += 1) {
            const answer = await send('/login', who('bruno@bella-napoli.example', 'a wrong one'))
            if (answer.status === 429) return answer
          }
          throw new Error('nothing was limited')
        },
      }
      expect(table.map(({ code }) => code)).to.have.members([...Object.keys(tries), 'busy'])
      for (const { status, code } of table) {
        const answer = await tries[code]?.()
        if (!answer) continue
        expect([answer.status, answer.code]).to.deep.equal([status, code])
        if (code === 'sign_in_incomplete') expect(answer.steps).to.be.an('array').that.is.not.empty
        if (code === 'invalid_form') expect(answer.fields).to.have.all.keys('username')
        if (code === 'too_many_requests') expect(Number(answer.retry)).to.be.above(0)
      }
    })
  })
}
