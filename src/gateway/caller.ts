/** Which first-party application is asking: by client authentication, or by a page on its registered origin. */
import { timingSafeEqual } from 'node:crypto'
import type { Context } from 'koa'
import type { Application, Applications } from '../applications/applications.ts'
import { MaitredError } from '../errors.ts'
import { sha256 } from '../keys/keys.ts'

/**
 * @param clientId from the body, for browsers; programs authenticate with HTTP Basic (RFC 6749 §2.3.1)
 * @throws MaitredError `unauthenticated` when it is nobody that may use `POST /login`
 */
export async function identifyApplication(
  ctx: Context,
  applications: Applications,
  clientId: string | undefined,
): Promise<Application> {
  const basic = readBasic(ctx.get('Authorization'))
  const id = basic?.id ?? clientId
  const application = id === undefined ? undefined : await applications.get(id)
  if (!application?.login || !application.firstParty) throw refused('it is not registered for POST /login')
  if (basic) {
    if (!isSecretOf(application, basic.secret)) throw refused('its secret is wrong')
    return application
  }
  if (!application.origins.includes(ctx.get('Origin')))
    throw refused('it has no secret and no registered origin')
  return application
}

/**
 * Lets the page that asks read whatever the answer will be, if it belongs to an application that may use
 * `POST /login` (CORS). Reports whether it does.
 */
export async function answerPage(ctx: Context, applications: Applications): Promise<boolean> {
  ctx.vary('Origin')
  const origin = ctx.get('Origin')
  if (origin === '' || !(await applications.loginOrigins()).has(origin)) return false
  ctx.set('Access-Control-Allow-Origin', origin)
  ctx.set('Access-Control-Allow-Credentials', 'true')
  return true
}

function readBasic(header: string): { id: string; secret: string } | undefined {
  const [scheme, value] = header.split(' ')
  if (scheme?.toLowerCase() !== 'basic' || !value) return undefined
  const [id = '', ...rest] = Buffer.from(value, 'base64').toString('utf8').split(':')
  try {
    return { id: decodeURIComponent(id), secret: decodeURIComponent(rest.join(':')) }
  } catch {
    throw refused('its credentials are not encoded as RFC 6749 §2.3.1 wants')
  }
}

function isSecretOf({ secretHash }: Application, secret: string): boolean {
  const [stored, given] = [Buffer.from(secretHash ?? ''), Buffer.from(sha256(secret))]
  return stored.length === given.length && timingSafeEqual(stored, given)
}

function refused(reason: string): MaitredError {
  return new MaitredError('unauthenticated', { cause: `the application was refused: ${reason}` })
}
