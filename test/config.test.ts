import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect } from 'chai'
import { type Config, ConfigurationError, type Environment, loadConfig, type Problem } from '../src/config.ts'
import { makeCertificate } from './support/certificate.ts'

const SECRET = Buffer.alloc(32, 1).toString('base64url')
const OLDER = Buffer.alloc(32, 2).toString('base64url')
const production = { ISSUER: 'https://id.example.com', MAITRED_SECRET: SECRET }
const repository = resolve(import.meta.dirname, '..')

describe('configuration', () => {
  let cwd: string

  beforeEach(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'maitred-config-'))
  })
  afterEach(() => rm(cwd, { recursive: true }))

  const load = (env: Environment = {}): Promise<Config> => loadConfig({ env, cwd })

  async function problems(env: Environment): Promise<Record<string, Omit<Problem, 'path'>>> {
    try {
      await load(env)
    } catch (error) {
      if (!(error instanceof ConfigurationError)) throw error
      return Object.fromEntries(error.problems.map(({ path, ...rest }) => [path, rest]))
    }
    throw new Error('the configuration was accepted')
  }

  async function file(text: string): Promise<Environment> {
    const path = join(cwd, `${crypto.randomUUID()}.ts`)
    await writeFile(path, text)
    return { CONFIG: path }
  }

  describe('the environment', () => {
    it('is optional on a development machine', async () => {
      const config = await load()
      expect(config).to.deep.include({
        issuer: 'http://localhost:3000',
        development: true,
        port: 3000,
        host: '127.0.0.1',
        mongodbUri: undefined,
        dataDir: join(cwd, 'data'),
        smtpUrl: undefined,
        mailFrom: '"Maitred" <no-reply@localhost>',
        trustedProxies: [],
        workers: 1,
      })
    })

    it('lets the development issuer follow the port', async () => {
      expect((await load({ PORT: '4000' })).issuer).to.equal('http://localhost:4000')
      expect((await load({ PORT: '4000', ISSUER: 'http://localhost:1' })).issuer).to.equal(
        'http://localhost:1',
      )
    })

    it('becomes a frozen value', async () => {
      const config = await load()
      expect(config).to.be.frozen
      expect(config.lifetimes).to.be.frozen
      expect(config.trustedProxies).to.be.frozen
    })

    it('says where Maitred listens, stores and mails', async () => {
      const config = await load({
        ...production,
        CONFIG: join(repository, 'config/maitred.config.ts'),
        PORT: '0',
        HOST: '0.0.0.0',
        MONGODB_URI: 'mongodb://a,b/maitred?replicaSet=rs0',
        SMTP_URL: 'smtps://user:word@mail.example.com',
        MAIL_FROM: 'Bella Napoli <door@bella.example>',
        REDIS_URL: 'redis://cache',
        TRUSTED_PROXIES: '10.0.0.0/8, ::1,192.0.2.7',
        WORKERS: '4',
        DATA_DIR: 'elsewhere',
      })
      expect(config).to.deep.include({
        issuer: 'https://id.example.com',
        development: false,
        port: 0,
        host: '0.0.0.0',
        mongodbUri: 'mongodb://a,b/maitred?replicaSet=rs0',
        smtpUrl: 'smtps://user:word@mail.example.com',
        mailFrom: 'Bella Napoli <door@bella.example>',
        redisUrl: 'redis://cache',
        trustedProxies: ['10.0.0.0/8', '::1/128', '192.0.2.7/32'],
        workers: 4,
        dataDir: join(cwd, 'elsewhere'),
        secrets: [SECRET],
      })
      expect(await readdir(cwd), 'a given secret leaves no file').to.deep.equal([])
    })

    it('is read from the files that the variables with _FILE name', async () => {
      await writeFile(join(cwd, 'secret'), `${SECRET},${OLDER}\n`)
      const config = await load({ MAITRED_SECRET_FILE: 'secret', SMTP_URL: '' })
      expect(config.secrets).to.deep.equal([SECRET, OLDER])
      expect(await problems({ PORT: '1', PORT_FILE: 'secret', HOST_FILE: 'nowhere' })).to.deep.equal({
        PORT: { found: 'PORT and PORT_FILE', wanted: 'one of the two' },
        HOST_FILE: { found: '"nowhere" (ENOENT)', wanted: 'a readable file' },
      })
    })

    it('is refused with all its problems at once, and none shows a secret', async () => {
      const secrets = {
        MAITRED_SECRET: 'tooshort',
        SMTP_URL: 'http://user:hunter2@mail',
        MONGODB_URI: 'x:hunter2@db',
      }
      const env = {
        ...secrets,
        ISSUER: 'https://me:hunter2@id.example.com/',
        PORT: '65536',
        WORKERS: 'many',
        TRUSTED_PROXIES: '10.0.0.0/33',
        MAIL_FROM: 'a@b\nBcc: c@d',
        REDIS_URL: 'hunter2',
        MAITRED_SECRETS: 'hunter2',
        CONFIG: 'none.ts',
      }
      const found = await problems(env)
      expect(Object.keys(found)).to.have.members([...Object.keys(env)])
      expect(JSON.stringify(found)).not.to.match(/hunter2|tooshort/)
      expect(await readdir(cwd), 'nothing was written').to.deep.equal([])
    })
  })

  describe('RF-1 ISSUER', () => {
    for (const issuer of [
      'http://localhost:4000',
      'http://127.0.0.1:1',
      'http://[::1]:3000',
      'http://a.localhost',
    ]) {
      it(`may be ${issuer}, for development`, async () => {
        const { development, issuer: read } = await load({ ISSUER: issuer })
        expect({ development, read }).to.deep.equal({ development: true, read: issuer })
      })
    }

    const refused = [
      'http://id.example.com',
      'http://localhost.example.com',
      'http://127.0.0.1.example.com',
      'https://id.example.com/',
      'https://id.example.com/auth',
      'https://id.example.com?x',
      'https://ID.example.com',
      'ftp://localhost',
      'id.example.com',
    ]
    for (const issuer of refused) {
      it(`may not be ${issuer}`, async () => {
        expect(await problems({ MAITRED_SECRET: SECRET, ISSUER: issuer })).to.have.property('ISSUER')
      })
    }
  })

  describe('MAITRED_SECRET', () => {
    it('is made once on a development machine, for the owner only', async () => {
      const [first, second] = await Promise.all([load(), load()])
      expect(first.secrets).to.deep.equal(second.secrets).and.to.have.length(1)
      expect((await load()).secrets).to.deep.equal(first.secrets)
      expect((await stat(join(cwd, 'data/secret'))).mode & 0o777).to.equal(0o600)
      expect((await readFile(join(cwd, 'data/secret'), 'utf8')).trim()).to.equal(first.secrets[0])
      expect(await readdir(join(cwd, 'data'))).to.deep.equal(['secret'])
    })

    it('is required of a production issuer', async () => {
      const env = { ISSUER: 'https://id.example.com', CONFIG: join(repository, 'config/maitred.config.ts') }
      expect(await problems(env)).to.have.all.keys('MAITRED_SECRET')
    })

    it('is a list of keys of exactly 32 bytes, each different', async () => {
      for (const wrong of [`${SECRET}=`, `${SECRET},${SECRET}`, SECRET.slice(1), ',', `${SECRET},short`]) {
        expect(await problems({ MAITRED_SECRET: wrong }), wrong).to.have.all.keys('MAITRED_SECRET')
      }
    })

    it('is refused when its development file was spoiled', async () => {
      await load()
      await writeFile(join(cwd, 'data/secret'), 'spoiled')
      expect(await problems({})).to.have.all.keys(join(cwd, 'data/secret'))
    })
  })

  describe('RF-1 TLS_CERT and TLS_KEY', () => {
    const key = () =>
      generateKeyPairSync('ec', { namedCurve: 'P-256' })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString()

    it('belong together, and to an https issuer', async () => {
      expect(await problems({ TLS_KEY: key() })).to.have.all.keys('TLS_CERT')
      expect(await problems({ TLS_CERT: 'nowhere.pem', TLS_KEY: 'nowhere.pem' })).to.have.all.keys(
        'TLS_CERT',
        'TLS_KEY',
      )
    })

    it('are PEM, or the path of one', async () => {
      const { cert, key } = makeCertificate()
      await writeFile(join(cwd, 'cert.pem'), cert)
      const CONFIG = join(repository, 'config/maitred.config.ts')
      for (const TLS_CERT of [cert, 'cert.pem']) {
        const { tls } = await load({ ...production, CONFIG, TLS_CERT, TLS_KEY: key })
        expect(tls?.cert.trim()).to.equal(cert.trim())
        expect(tls?.key.trim()).to.equal(key.trim())
      }
      const other = makeCertificate().key
      expect(await problems({ ...production, CONFIG, TLS_CERT: cert, TLS_KEY: other })).to.have.all.keys(
        'TLS_KEY',
      )
      expect(await problems({ TLS_CERT: cert, TLS_KEY: key })).to.have.all.keys('ISSUER')
    })

    it('never show a key that stands in the wrong place', async () => {
      const found = await problems({ TLS_CERT: key(), TLS_KEY: key() })
      expect(found.TLS_CERT).to.deep.include({ found: 'PEM text (not shown)' })
    })
  })

  it('WORKERS above 1 need MONGODB_URI', async () => {
    expect(await problems({ WORKERS: '2' })).to.have.all.keys('WORKERS')
  })

  describe('the configuration file', () => {
    it('of the repository states the defaults', async () => {
      const stated = await loadConfig({ env: { DATA_DIR: join(cwd, 'data') }, cwd: repository })
      expect(stated).to.deep.equal(await load())
    })

    it('changes what it names and keeps the rest', async () => {
      const config = await load(
        await file(`export default {
          name: 'Bella "Napoli"',
          brand: { color: '#a00', logo: '/assets/bella.svg' },
          texts: { de: { 'flow.signIn.title': 'Buongiorno' } },
          signUp: 'closed',
          lifetimes: { accessToken: 60, sessionIdle: 3600 },
          algorithms: { accessToken: 'EdDSA' },
          privateAddresses: ['127.0.0.1', '::1', 'kitchen.internal'],
        }`),
      )
      expect(config).to.deep.include({
        name: 'Bella "Napoli"',
        mailFrom: '"Bella Napoli" <no-reply@localhost>',
        brand: { color: '#a00', logo: '/assets/bella.svg' },
        texts: { de: { 'flow.signIn.title': 'Buongiorno' } },
        signUp: 'closed',
        algorithms: { accessToken: 'EdDSA', idToken: 'RS256' },
      })
      expect(config.lifetimes).to.deep.include({ accessToken: 60, sessionIdle: 3600, refreshGrace: 30 })
    })

    it('is refused with the path of each problem, together with those of the environment', async () => {
      const env = await file(`export default {
        nme: 'x',
        name: 7,
        brand: { color: 'red;}', logo: 'javascript:alert(1)', size: 1 },
        texts: { xx: {}, en: { 'flow.signIn.title': 1 } },
        signUp: 'maybe',
        lifetimes: { accessToken: 901, code: 1.5, refreshGrace: 61, session: 60, sessionIdle: 599 },
        algorithms: { idToken: 'HS256' },
        privateAddresses: ['http://x'],
      }`)
      const found = await problems({ ...env, PORT: 'x' })
      expect(Object.keys(found)).to.have.members([
        'PORT',
        'nme',
        'name',
        'brand.color',
        'brand.logo',
        'brand.size',
        'texts.xx',
        'texts.en.flow.signIn.title',
        'signUp',
        'lifetimes.accessToken',
        'lifetimes.code',
        'lifetimes.refreshGrace',
        'lifetimes.sessionIdle',
        'algorithms.idToken',
        'privateAddresses.0',
      ])
      expect(found['lifetimes.accessToken']).to.deep.equal({
        found: '901',
        wanted: 'a whole number of seconds from 1 to 900',
      })
      expect(found['lifetimes.sessionIdle']?.wanted).to.include('from 600 to').and.include('clocks')
      expect(found['brand.size']?.wanted).to.equal('one of the keys color, contrast, logo')
    })

    it('does not let a session idle longer than it lives', async () => {
      const env = await file('export default { lifetimes: { session: 600, sessionIdle: 601 } }')
      expect(await problems(env)).to.have.all.keys('lifetimes.sessionIdle')
    })

    describe('DC-8 names plug-ins', () => {
      it('as values that stay as they are', async () => {
        const { mail } = await load(
          await file(`const mail = { sent: [], async send(m) { this.sent.push(m) }, async close() {} }
            export default { mail }`),
        )
        await mail?.send({} as Parameters<NonNullable<typeof mail>['send']>[0])
        expect(mail).to.have.property('sent').with.length(1)
      })

      for (const [given, found] of [
        ['"smtp://user:hunter2@mail"', 'a string (not shown)'],
        ['{ url: "https://x", key: "hunter2" }', 'an object with url, key'],
        ['{}', 'an object with nothing in it'],
        ['() => ({})', 'a function (perhaps its result is meant)'],
        ['Promise.resolve({})', 'a promise (perhaps it must be awaited)'],
        ['{ send() {}, close() {}, check: "hunter2" }', 'an object with send, close, check'],
        ['null', 'null'],
      ] as const) {
        it(`and refuses ${given} with all other problems, without showing what it says`, async () => {
          const env = await file(`export default { name: 7, mail: ${given} }`)
          const all = await problems({ ...env, PORT: 'x' })
          expect(all).to.have.all.keys('PORT', 'name', 'mail')
          expect(all.mail).to.deep.equal({
            found,
            wanted:
              'a mail transport: an object with the functions send(message) and close(), and perhaps check()',
          })
        })
      }

      it('instead of a variable, not beside it', async () => {
        const env = await file('export default { mail: { async send() {}, async close() {} } }')
        expect(await problems({ ...env, SMTP_URL: 'smtp://user:hunter2@mail' })).to.deep.equal({
          SMTP_URL: {
            found: 'a URL (not shown)',
            wanted: 'nothing, because the configuration file names a mail transport',
          },
        })
      })
    })

    it('is a module with a default export', async () => {
      for (const text of ['export const config = {}', 'this is not a module', 'throw new Error("why")']) {
        expect(await problems(await file(text)), text).to.have.all.keys('CONFIG')
      }
      for (const text of ['export default null', 'export default []', 'export default "x"']) {
        expect(await problems(await file(text)), text).to.have.all.keys('the default export')
      }
    })

    it('must be there for a production issuer', async () => {
      expect(await problems(production)).to.have.all.keys('CONFIG')
    })
  })
})
