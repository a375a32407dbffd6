/** A real Maitred with the machine that may ask the rota, the rota, and what the tests write to its log. */
import { ROTA_API, type RotaProgram, startRota } from '../../examples/restaurant/rota/rota.ts'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'

export const WORKER = 'back-office-worker'

export interface RotaPlace {
  app: RunningApp
  rota: RotaProgram
  /** Of `back-office-worker`. */
  secret: string
  close(): Promise<void>
}

export async function openRotaPlace(): Promise<RotaPlace> {
  const [engine] = engines()
  if (!engine) throw new Error('no engine')
  const app = await startApp(engine)
  const secret = await allowRota(app)
  const rota = await startRota({ issuer: app.url, port: 0 })
  return {
    app,
    rota,
    secret,
    async close() {
      await rota.close()
      await app.stop()
    },
  }
}

/** Tells Maitred of the rota and of the machine that may ask it; returns the machine's secret. */
export async function allowRota({ apis, applications }: RunningApp): Promise<string> {
  const scopes = [{ name: 'rota.schedule', description: 'Ask for a schedule' }]
  await apis.put({ _id: ROTA_API, name: 'Kitchen rota', scopes })
  const machine = { name: 'Worker', kind: 'machine', api: ROTA_API, scopes: ['rota.schedule'] } as const
  await applications.put({ _id: WORKER, ...machine, scopes: [...machine.scopes] }, 'test')
  return await applications.newSecret(WORKER, 'test')
}

/** A log that keeps its lines, as they would be written. */
export function keepingLog() {
  const lines: string[] = []
  const keep = (level: string) => (o: object, text: string) =>
    void lines.push(JSON.stringify({ level, ...o, msg: text }, errorsAsText))
  return { lines, info: keep('info'), warn: keep('warn'), error: keep('error') }
}

/** As pino does: an error is its message, its stack, and whatever hangs on it. */
function errorsAsText(_key: string, value: unknown): unknown {
  return value instanceof Error
    ? { ...value, message: value.message, stack: value.stack, cause: value.cause }
    : value
}
