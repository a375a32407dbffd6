/**
 * Places as a first start of Maitred leaves them: with its tables, its secret and its signing keys. What a first
 * start does has tests of its own; the others need not pay for RSA keys and indexes each time.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pino } from 'pino'
import { createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import type { Engine, Place } from './engines.ts'
import { type Documents, sharedMongod } from './mongod.ts'

interface Prepared {
  files: Map<string, Buffer>
  documents: Documents
  /** Databases that are as the first start left them, for whoever comes next. */
  free: string[]
}

const prepared = new Map<Engine['name'], Promise<Prepared>>()

/** A place of one's own that another start has prepared. `env` tells its secret, as an issuer on https wants it. */
export async function preparedPlace(engine: Engine): Promise<Place> {
  const first = prepared.get(engine.name) ?? prepare(engine)
  prepared.set(engine.name, first)
  const { files, documents, free } = await first
  const fresh = await engine.place(free.pop())
  const env = { ...fresh.env, MAITRED_SECRET: String(files.get('secret')).trim() }
  const place = { ...fresh, env }
  for (const [name, content] of files) {
    await mkdir(join(place.dataDir, dirname(name)), { recursive: true })
    await writeFile(join(place.dataDir, name), content, { mode: 0o600 })
  }
  const { mongodbUri } = place
  if (!mongodbUri) return place
  const mongod = await sharedMongod()
  await mongod.reset(mongodbUri, documents)
  return {
    ...place,
    async remove() {
      await rm(place.dataDir, { recursive: true, force: true })
      free.push(mongodbUri)
    },
  }
}

async function prepare(engine: Engine): Promise<Prepared> {
  const place = await engine.place()
  const env = { ISSUER: 'http://localhost:1', PORT: '1', ...place.env }
  const config = await loadConfig({ env, cwd: process.cwd() })
  const app = await createApp({ config, now: () => new Date(), log: pino({ level: 'silent' }) })
  await app.close()
  const files = new Map<string, Buffer>()
  for (const entry of await readdir(place.dataDir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile()) files.set(path.slice(place.dataDir.length + 1), await readFile(path))
  }
  const { mongodbUri } = place
  const documents = mongodbUri ? await (await sharedMongod()).documents(mongodbUri) : {}
  await place.remove()
  return { files, documents, free: [] }
}
