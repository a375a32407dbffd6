import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { run } from '../../src/cli/program.ts'
import type { Environment } from '../../src/config.ts'

describe('maitred, the command line', () => {
  let cwd: string

  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'maitred-cli-'))
  })
  afterEach(() => rm(cwd, { recursive: true }))

  async function maitred(line: string, env: Environment = {}) {
    const [out, err]: [string[], string[]] = [[], []]
    const terminal = {
      env,
      cwd,
      out: (text: string) => out.push(text),
      err: (text: string) => err.push(text),
    }
    const code = await run(line.split(' ').filter(Boolean), terminal)
    return { code, out: out.join('\n'), err: err.join('\n') }
  }

  it('says what it can do', async () => {
    const { code, out } = await maitred('--help')
    expect(code).to.equal(0)
    for (const command of [
      'serve',
      'demo',
      'apply',
      'plan',
      'users',
      'keys',
      'registration-token',
      'migrate',
      'doctor',
    ]) {
      expect(out).to.match(new RegExp(`^  ${command}\\b`, 'm'))
    }
  })

  for (const line of ['dance', 'serve --loudly', 'apply', 'users create', 'keys']) {
    it(`refuses \`maitred ${line}\` with how it is used, and 2`, async () => {
      const { code, out, err } = await maitred(line)
      expect({ code, out }).to.deep.equal({ code: 2, out: '' })
      expect(err).to.match(/--help|Usage: /)
    })
  }

  for (const line of [
    'serve',
    'demo',
    'plan state.yaml',
    'users create --admin a@b.example',
    'keys rotate',
    'doctor',
  ]) {
    it(`\`maitred ${line}\` refuses a wrong configuration with every problem, and 2`, async () => {
      await writeFile(join(cwd, 'state.yaml'), '{}')
      const { code, out, err } = await maitred(line, { PORT: 'x', WORKERS: '0' })
      expect({ code, out }).to.deep.equal({ code: 2, out: '' })
      expect(err).to.match(/2 problems[\s\S]*PORT: found "x"[\s\S]*WORKERS: found "0"/)
      expect(await readdir(cwd)).to.deep.equal(['state.yaml'])
    })
  }

  it('RF-1 does not serve an https issuer that requests cannot reach over TLS', async () => {
    await writeFile(join(cwd, 'maitred.ts'), 'export default {}')
    const { code, err } = await maitred('serve', {
      ISSUER: 'https://id.example.com',
      MAITRED_SECRET: Buffer.alloc(32, 1).toString('base64url'),
      CONFIG: 'maitred.ts',
    })
    expect(code).to.equal(2)
    expect(err).to.match(/TRUSTED_PROXIES: found nothing/)
  })

  it('does not show the people of the demo to the world', async () => {
    await writeFile(join(cwd, 'maitred.ts'), 'export default {}')
    const { code, err } = await maitred('demo', {
      ISSUER: 'https://id.example.com',
      MAITRED_SECRET: Buffer.alloc(32, 1).toString('base64url'),
      CONFIG: 'maitred.ts',
    })
    expect(code).to.equal(2)
    expect(err).to.match(/loopback ISSUER only/)
  })

  it('names a file that is not there, and one that is wrong, before it opens anything', async () => {
    expect(await maitred('plan nowhere.yaml')).to.deep.include({
      code: 1,
      err: `There is no file ${join(cwd, 'nowhere.yaml')}.`,
    })
    await writeFile(join(cwd, 'state.yaml'), 'rolls: {}\npeople:\n  - email: 7\n')
    const { code, err } = await maitred('apply state.yaml')
    expect(code).to.equal(2)
    expect(err).to.match(/2 problems[\s\S]*line 1, rolls[\s\S]*line 3, people\.0\.email/)
    expect(await readdir(cwd)).to.deep.equal(['state.yaml'])
  })
})
