import { expect } from 'chai'
import { calculateJwkThumbprint, createLocalJWKSet, importJWK, type JWK, jwtVerify, SignJWT } from 'jose'
import { MaitredError } from '../../src/errors.ts'
import {
  collections,
  createVault,
  openSigningKeys,
  randomToken,
  type SigningAlgorithm,
  type SigningKeys,
} from '../../src/keys/keys.ts'
import type { Store } from '../../src/storage/storage.ts'
import { engines } from '../support/engines.ts'
import { until } from '../support/until.ts'

const day = 24 * 60 * 60 * 1_000
const algorithms: SigningAlgorithm[] = ['ES256', 'RS256', 'EdDSA']

for (const engine of engines()) {
  describe(`RF-11 signing keys (${engine.name})`, () => {
    const vault = createVault([randomToken()])
    let store: Store
    let clock: number
    let lines: string[]
    let opened: SigningKeys[]
    const now = () => new Date(clock)

    beforeEach(async function () {
      this.timeout(60_000)
      clock = Date.parse('2030-01-01')
      lines = []
      opened = []
      store = await engine.open({ collections, now })
    })
    afterEach(async () => {
      for (const keys of opened) await keys.close()
      await store.close()
    })

    async function open(which = algorithms, by = vault): Promise<SigningKeys> {
      const write = (o: object, text: string) => lines.push(JSON.stringify([o, text]))
      const log = { info: write, error: write }
      const keys = await openSigningKeys({ store, vault: by, now, algorithms: which, log })
      opened.push(keys)
      return keys
    }

    const kids = (keys: SigningKeys, algorithm = 'ES256') =>
      keys
        .jwks()
        .keys.filter((key) => key.alg === algorithm)
        .map((key) => key.kid)

    it('are made at the first start: for each algorithm one that signs and the next', async () => {
      const { keys } = (await open()).jwks()
      expect(keys.map((key) => key.alg)).deep.equal(['ES256', 'ES256', 'RS256', 'RS256', 'EdDSA', 'EdDSA'])
      for (const key of keys) {
        expect(key).include({ use: 'sig', kid: await calculateJwkThumbprint(key) })
        expect(key.d).a('string')
        if (key.alg === 'RS256') expect(Buffer.from(key.n ?? '', 'base64url')).length(256)
      }
      expect(new Set(keys.map((key) => key.kid)).size).equal(6)
    })

    it('are the same after a restart and in every process', async () => {
      const first = (await open()).jwks()
      expect((await open()).jwks()).deep.equal(first)
      const [a, b] = await Promise.all([open(), open()])
      expect(a.jwks()).deep.equal(b.jwks())
    })

    it('are the same for two processes that start at once for the first time', async () => {
      const [a, b] = await Promise.all([open(['ES256']), open(['ES256'])])
      expect(a.jwks()).deep.equal(b.jwks())
      expect(a.jwks().keys).length(2)
    })

    it('lie sealed at rest and are never logged', async () => {
      const keys = await open(['ES256'])
      await keys.rotate()
      const [spec] = collections.filter(({ name }) => name === 'signingKeys')
      if (!spec) throw new Error('the collection has another name')
      const stored = JSON.stringify(await store.collection(spec).find({}))
      expect(stored).contain(kids(keys)[0])
      for (const key of keys.jwks().keys) {
        expect(stored).not.contain(key.d)
        expect(lines.join()).not.contain(key.d)
      }
      expect(lines).length.above(0)
    })

    it('cannot be opened with another secret', async () => {
      await open(['ES256'])
      const refused = await open(['ES256'], createVault([randomToken()])).catch((error: unknown) => error)
      expect(refused).instanceOf(MaitredError).include({ code: 'internal' })
    })

    it('change places when they are rotated: the next signs, the last stays, a new one is published', async () => {
      const keys = await open(['ES256', 'EdDSA'])
      const [current, next] = kids(keys)
      await keys.rotate()
      const after = kids(keys)
      expect(after).length(3)
      expect(after[0]).equal(next)
      expect(after[2]).equal(current)
      expect([current, next]).not.contain(after[1])
      expect(kids(keys, 'EdDSA')).length(3)
    })

    it('rotate after 90 days by themselves, and keep what they replace for at least 30', async () => {
      const first = kids(await open(['ES256']))
      clock += 90 * day - 1
      expect(kids(await open(['ES256']))).deep.equal(first)
      clock += 1
      const second = kids(await open(['ES256']))
      expect(second[0]).equal(first[1])
      expect(second).contain(first[0])
      clock += 29 * day
      const keys = await open(['ES256'])
      await keys.rotate()
      expect(kids(keys)).length(4).contain(first[0])
      clock += 30 * day
      await keys.rotate()
      expect(kids(keys)).length(3).contain(second[1])
      expect(kids(keys)).not.contain(first[0])
    })

    it('refuse to sign with a key that verifiers cannot know yet', async () => {
      const keys = await open(['ES256'])
      await keys.rotate()
      clock += 9 * 60_000
      const refused = await keys.rotate().catch((error: unknown) => error)
      expect(refused).instanceOf(MaitredError).include({ code: 'conflict' })
      clock += 60_000
      await keys.rotate()
      expect(kids(keys)).length(4)
    })

    it('rotate once when two processes do it at the same time, and both learn of it', async () => {
      const [a, b] = [await open(['ES256']), await open(['ES256'])]
      const before = kids(a)
      let told = 0
      b.onChange(() => told++)
      await Promise.all([a.rotate(), b.rotate()])
      expect(kids(a)[0]).equal(before[1])
      await until(() => expect(kids(b)).deep.equal(kids(a)))
      expect(kids(a)).length(3)
      expect(told).equal(1)
    })

    it('reach other processes without a restart, and tell those who listen, until they stop', async () => {
      const [a, b] = [await open(['ES256']), await open(['ES256'])]
      const heard: (string | undefined)[] = []
      const stop = b.onChange(() => heard.push(kids(b)[0]))
      await a.rotate()
      await until(() => expect(heard).deep.equal([kids(a)[0]]))
      stop()
      clock += day
      await a.rotate()
      await until(() => expect(kids(b)).deep.equal(kids(a)))
      expect(heard).length(1)
    })

    it('verify a token that was signed before two rotations', async () => {
      const keys = await open(['ES256'])
      const signer = keys.jwks().keys[0] as JWK
      const token = await new SignJWT({ sub: 'ada' })
        .setProtectedHeader({ alg: 'ES256', kid: signer.kid as string })
        .sign(await importJWK(signer, 'ES256'))
      for (let i = 0; i < 2; i++) {
        await keys.rotate()
        clock += day
      }
      const published = keys.jwks().keys.map(({ d: _, ...key }) => key)
      const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: published }))
      expect(payload.sub).equal('ada')
    })
  })
}
