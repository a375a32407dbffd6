/** `maitred doctor`: what is wrong, or will be, and how to mend it. A list of checks, each a sentence. */
import type { App } from '../app.ts'
import type { Config } from '../config.ts'
import { UndeliveredError } from '../ports/ports.ts'
import { withApp } from './open-app.ts'
import type { Terminal } from './terminal.ts'

interface Finding {
  level: 'fine' | 'warning' | 'wrong'
  text: string
  /** What to do. */
  remedy?: string
}

type Check = (app: App, config: Config) => Finding[] | Promise<Finding[]>

const checks: Check[] = [issuer, store, mail, applications, administrators]

/** @returns 1 when something is wrong; warnings alone are 0 */
export function doctor(terminal: Terminal): Promise<number> {
  return withApp(terminal, async (app, config) => {
    const findings = (await Promise.all(checks.map((check) => check(app, config)))).flat()
    for (const { level, text, remedy } of findings) {
      terminal.out(`${level.padEnd(8)} ${text}${remedy ? ` ${remedy}` : ''}`)
    }
    return findings.some(({ level }) => level === 'wrong') ? 1 : 0
  })
}

function issuer(_app: App, { issuer, development, tls, trustedProxies, secrets }: Config): Finding[] {
  if (development) {
    const remedy = 'People elsewhere cannot reach it: set ISSUER to an https origin.'
    return [{ level: 'warning', text: `${issuer} is a development issuer.`, remedy }]
  }
  const arrival = tls || trustedProxies.length > 0
  return [
    arrival
      ? {
          level: 'fine',
          text: `${issuer} is served with TLS, by ${tls ? 'this server' : 'a trusted proxy'}.`,
        }
      : {
          level: 'wrong',
          text: `${issuer} has neither TLS of its own nor a trusted proxy.`,
          remedy: 'Set TLS_CERT and TLS_KEY, or TRUSTED_PROXIES.',
        },
    { level: 'fine', text: `Secrets at rest are sealed; ${secrets.length} key(s) can open them.` },
  ]
}

async function store({ store }: App, { development, dataDir }: Config): Promise<Finding[]> {
  await store.ping()
  if (store.engine === 'mongodb') return [{ level: 'fine', text: 'MongoDB answers, as a replica set.' }]
  const text = `The embedded store in ${dataDir} answers.`
  if (development) return [{ level: 'fine', text }]
  return [{ level: 'fine', text, remedy: 'One process on one machine uses it; for more set MONGODB_URI.' }]
}

async function mail(app: App, { smtpUrl, mail, dataDir, development }: Config): Promise<Finding[]> {
  if (mail) return [await mailPlugIn(app, mail.check !== undefined)]
  if (smtpUrl) return [await mailServer(app, new URL(smtpUrl).host)]
  const text = `Mails are only written to ${dataDir}/mail.`
  if (development) return [{ level: 'fine', text, remedy: 'They can be read at /dev/mail.' }]
  return [{ level: 'wrong', text, remedy: 'Nobody can verify an address or reset a password: set SMTP_URL.' }]
}

async function mailServer({ mail }: App, host: string): Promise<Finding> {
  try {
    await mail.check()
    return { level: 'fine', text: `Mail goes out by SMTP; ${host} answers.` }
  } catch (error) {
    if (!(error instanceof UndeliveredError)) throw error
    const text = `The mail server ${host} takes no mail from us: ${error.message}.`
    return { level: 'wrong', text, remedy: 'Check SMTP_URL, the server and the way to it.' }
  }
}

async function mailPlugIn({ mail }: App, canBeAsked: boolean): Promise<Finding> {
  const way = 'Mail goes out by the transport of the configuration file'
  try {
    await mail.check()
    const known = canBeAsked ? 'it would take mails.' : 'it cannot be asked without sending one.'
    return { level: 'fine', text: `${way}; ${known}` }
  } catch (error) {
    if (!(error instanceof UndeliveredError)) throw error
    const text = `The mail transport of the configuration file takes no mail: ${error.message}.`
    return { level: 'wrong', text, remedy: 'Check what `mail` says there, and the way to its server.' }
  }
}

async function applications({ applications }: App): Promise<Finding[]> {
  const all = await applications.list()
  const without = all.filter(({ pkce, kind }) => !pkce && kind !== 'machine')
  return [
    { level: 'fine', text: `${all.length} application(s) are registered.` },
    ...without.map(({ _id, name }): Finding => {
      const text = `${name} (${_id}) signs people in without PKCE.`
      return { level: 'warning', text, remedy: 'Let it send a code_challenge, then set pkce to true.' }
    }),
  ]
}

async function administrators({ accounts, roles }: App, { issuer }: Config): Promise<Finding[]> {
  const isGiving = ({ api, names }: { api: string; names: string[] }) =>
    [`${issuer}/api`, '*'].includes(api) && names.includes('administer')
  const giving = roles.list().filter(({ permissions }) => permissions.some(isGiving))
  const holders = await Promise.all(giving.map(({ _id }) => accounts.holders(_id, { limit: 1 })))
  if (holders.some((some) => some.length > 0))
    return [{ level: 'fine', text: 'Somebody is an administrator.' }]
  const remedy = 'Make one with: maitred users create --admin EMAIL'
  return [{ level: 'warning', text: 'Nobody is an administrator.', remedy }]
}
