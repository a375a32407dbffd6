/** The back office with the rota and the worker, people who can work, and a week to plan. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BackOfficeOptions } from '../../examples/restaurant/back-office/back-office.ts'
import { availability, shifts } from '../../examples/restaurant/back-office/documents.ts'
import { type RotaProgram, startRota } from '../../examples/restaurant/rota/rota.ts'
import { type BackOfficeHouse, openBackOffice } from '../support/back-office.ts'
import type { Engine } from '../support/engines.ts'
import { contractRetries } from './queue-contract.ts'
import { allowRota, keepingLog, WORKER } from './rota-place.ts'

/** From Monday, 16 November 2026. */
export const WEEK = '2026-W47'

export interface RotasHouse extends BackOfficeHouse {
  rota: RotaProgram
  log: ReturnType<typeof keepingLog>
  machineSecret: string
  mailFolder: string
  /** The mails, as they lie in the folder, by name. */
  mails(): string[]
  /** Takes all plans away, and plans a lunch for a waiter and an evening for a manager on each of the first days. */
  plan(days: number): Promise<void>
}

export async function openRotas(engine: Engine, o: Partial<BackOfficeOptions> = {}): Promise<RotasHouse> {
  const log = keepingLog()
  const mailFolder = mkdtempSync(join(tmpdir(), 'maitred-mail-'))
  let rota: RotaProgram | undefined
  let machineSecret = ''
  const house = await openBackOffice(engine, { log }, async (maitred) => {
    machineSecret = await allowRota(maitred)
    rota = await startRota({ issuer: maitred.url, port: 0 })
    return {
      rotaUrl: rota.url,
      worker: { clientId: WORKER, clientSecret: machineSecret },
      mailTo: mailFolder,
      patience: { timeoutMs: 400, restMs: 50, retries: contractRetries },
      ...o,
    }
  })
  if (!rota) throw new Error('no rota')
  const program = rota
  const { store } = house

  return {
    ...house,
    rota: program,
    log,
    machineSecret,
    mailFolder,
    mails: () =>
      readdirSync(mailFolder)
        .filter((name) => name.endsWith('.eml'))
        .sort()
        .map((name) => readFileSync(join(mailFolder, name), 'utf8')),
    async plan(days) {
      await store.collection(shifts).remove({ restaurant: 'napoli' })
      const all = Array.from({ length: 7 }, (_, index) => index + 1)
      for (const who of ['ada', 'bruno', 'carla']) {
        await store.collection(availability).put({
          _id: `staff-${who}`,
          restaurant: 'napoli',
          slots: all.map((weekday) => ({ weekday, from: '10:00', to: '00:00' })),
          updatedAt: new Date(),
          version: 1,
        })
      }
      for (const weekday of all.slice(0, days)) {
        const day = `2026-11-${15 + weekday}`
        const shared = { restaurant: 'napoli', day, version: 1 }
        const lunch = { _id: `lunch-${weekday}`, from: '11:00', to: '15:00', job: 'waiter' } as const
        const evening = { _id: `evening-${weekday}`, from: '17:00', to: '23:00', job: 'manager' } as const
        await store.collection(shifts).insert({ ...shared, ...lunch })
        await store.collection(shifts).insert({ ...shared, ...evening })
      }
    },
    async stop() {
      await house.stop()
      await program.close()
      rmSync(mailFolder, { recursive: true })
    },
  }
}
