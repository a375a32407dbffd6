/** The pages that the library asks for: sign-out, device code, errors. It brings the form's secret; we the page. */
import { type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider'
import { type AppLink, type Applications, appLink } from '../applications/applications.ts'
import { type ErrorCode, MaitredError } from '../errors.ts'
import { requestMemory } from './request.ts'

type Features = NonNullable<Configuration['features']>

export interface PagesOptions {
  applications: Applications
  /** It names the application, where a request is about one, and speaks its language. */
  page(
    ctx: KoaContextWithOIDC,
    view: string,
    locals?: Record<string, unknown>,
    status?: number,
  ): Promise<void>
  /** The error page or problem+json for a refusal of the protocol; `back` leads to the application. */
  refuse(ctx: KoaContextWithOIDC, error: MaitredError, back?: string): void
  /** Name of the library's cookie of a browser that comes back from a page. */
  resumeCookie: string
}

export interface Pages {
  renderError: NonNullable<Configuration['renderError']>
  rpInitiatedLogout: NonNullable<Features['rpInitiatedLogout']>
  deviceFlow: NonNullable<Features['deviceFlow']>
}

export function createPages({ applications, page, refuse, resumeCookie }: PagesOptions): Pages {
  const appOf = createAppOf(applications)
  const xsrfOf = (ctx: KoaContextWithOIDC): unknown =>
    (ctx.oidc.session?.state as { secret?: string } | undefined)?.secret

  return {
    async renderError(ctx, out, error) {
      requestMemory(ctx).refused = true
      const app = await appOf(ctx)
      if (error instanceof errors.SessionNotFound) {
        const uid = ctx.oidc.route === 'resume' && ctx.cookies.get(resumeCookie)
        // Nothing was decided yet: the page asks again, or knows the way back to the application.
        if (uid) return ctx.redirect(`/flow/${encodeURIComponent(uid)}`)
        return page(ctx, 'flow/expired', { restartUrl: app?.uri }, 400)
      }
      const refusal = { status: ctx.status, error: out.error, description: out.error_description }
      refuse(ctx, ownErrorOf(error) ?? errorOf(refusal, error), app?.uri)
    },

    rpInitiatedLogout: {
      enabled: true,
      async logoutSource(ctx) {
        await page(ctx, 'flow/sign-out', {
          action: ctx.oidc.urlFor('end_session_confirm'),
          hidden: { xsrf: xsrfOf(ctx) },
        })
      },
      async postLogoutSuccessSource(ctx) {
        await page(ctx, 'flow/signed-out', { continueUrl: (await appOf(ctx))?.uri })
      },
    },

    deviceFlow: {
      enabled: true,
      charset: 'base-20',
      mask: '****-****',
      async userCodeInputSource(ctx, _form, _out, error) {
        // A refusal of ours (too many tries) is no judgement of a code.
        if (error?.cause instanceof MaitredError) {
          return refuse(ctx, error.cause)
        }
        if (!error && ctx.query.done !== undefined) return page(ctx, 'flow/device-done')
        const userCode = (error as { userCode?: string } | undefined)?.userCode
        const action = ctx.oidc.urlFor('code_verification')
        await page(
          ctx,
          'flow/device-enter',
          {
            action,
            hidden: { xsrf: xsrfOf(ctx) },
            userCode,
            refusal: error && deviceRefusal({ name: error.name, userCode }),
            here: error && action,
          },
          error ? 400 : 200,
        )
      },
      async userCodeConfirmSource(ctx, _form, _client, device, userCode) {
        await page(ctx, 'flow/device-confirm', {
          action: ctx.oidc.urlFor('code_verification'),
          hidden: { xsrf: xsrfOf(ctx) },
          userCode,
          device: device?.userAgent,
        })
      },
      // A page of its own: seen again, the resumed request would be over.
      async successSource(ctx) {
        ctx.status = 303
        ctx.redirect(`${ctx.oidc.urlFor('code_verification')}?done`)
      },
    },
  }
}

/** The application that a request of the protocol is about, as pages name it. */
export function createAppOf(
  applications: Applications,
): (ctx: KoaContextWithOIDC) => Promise<AppLink | undefined> {
  return async (ctx) => {
    const id = ctx.oidc.client?.clientId ?? ctx.oidc.params?.client_id
    const application = typeof id === 'string' ? await applications.get(id) : undefined
    return application && appLink(application)
  }
}

/** Only who stops is told so; whatever else is over, the device itself shows how it ended. */
function deviceRefusal({ name, userCode }: { name: string; userCode: string | undefined }) {
  if (name === 'AbortedError') return 'stopped'
  return userCode || name === 'NoCodeError' ? 'wrong' : 'over'
}

/** What we refused ourselves, and the library handed through. */
function ownErrorOf(error: unknown): MaitredError | undefined {
  const cause = error instanceof Error ? error.cause : undefined
  return [cause, error].find((found) => found instanceof MaitredError)
}

interface Refusal {
  status: number
  error: string
  description: string | undefined
}

function errorOf(refusal: Refusal, cause: unknown): MaitredError {
  return new MaitredError(codeOf(refusal), { cause: cause ?? refusal.description })
}

/** What a person is told when the protocol refuses and cannot send them back to the application. */
function codeOf({ status, error, description }: Refusal): ErrorCode {
  if (status >= 500) return error === 'temporarily_unavailable' ? 'store_unavailable' : 'internal'
  if (error === 'invalid_client') return 'unknown_application'
  if (error === 'invalid_redirect_uri' || description?.includes('redirect_uri'))
    return 'redirect_not_registered'
  return 'protocol'
}
