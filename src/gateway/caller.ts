/** Which first-party application is asking: by client authentication, or by a page on its registered origin. */
import { timingSafeEqual } from 'node:crypto'
import type { Context } from 'koa'
import type { Application, Applications } from '../applications/applications.ts'
import { MaitredError } from '../errors.ts'
import { sha256 } from '../keys/keys.ts'

/**
 * One answer for every reason: the log has it, under the reference.
 * @param clientId from the body, for browsers; programs authenticate with HTTP Basic (RFC 6749 §2.3.1)
 * @throws MaitredError `invalid_client` when it is nobody that may use `POST /login`
 */
export async function identifyApplication(
  ctx: Context,
  applications: Applications,
  clientId: string | undefined,
): Promise<Application> {
  const header = ctx.get('Authorization')
  const refused = (reason: string): MaitredError => {
    // The scheme that was tried is the one to try again (RFC 6749 §5.2).
    if (/^basic /i.test(header)) ctx.set('WWW-Authenticate', 'Basic realm="POST /login"')
    return new MaitredError('invalid_client', { cause: `the application was refused: ${reason}` })
  }
  const basic = readBasic(header)
  if (basic === 'unreadable') throw refused('its credentials are not encoded as RFC 6749 §2.3.1 wants')
  const id = basic?.id ?? clientId
  if (id === undefined) throw refused('it does not say which it is')
  const application = await applications.get(id)
  if (!application) throw refused('it is not registered')
  if (!application.login || !application.firstParty) throw refused('it lacks login or firstParty')
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

function readBasic(header: string): { id: string; secret: string } | 'unreadable' | undefined {
  const [scheme, value] = header.split(' ')
  if (scheme?.toLowerCase() !== 'basic' || !value) return undefined
  const [id = '', ...rest] = Buffer.from(value, 'base64').toString('utf8').split(':')
  try {
    return { id: decodeURIComponent(id), secret: decodeURIComponent(rest.join(':')) }
  } catch {
    return 'unreadable'
  }
}

function isSecretOf({ secretHash }: Application, secret: string): boolean {
  const [stored, given] = [Buffer.from(secretHash ?? ''), Buffer.from(sha256(secret))]
  return stored.length === given.length && timingSafeEqual(stored, given)
}
