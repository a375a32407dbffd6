/** The pages that the library asks for: sign-out, device code, errors. It brings the form's secret; we the page. */
import { type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider'
import type { Applications } from '../applications/applications.ts'
import { MaitredError } from '../errors.ts'

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
  /** The error page or problem+json for a refusal of the protocol. */
  refuse(
    ctx: KoaContextWithOIDC,
    refusal: { status: number; error: string; description?: string; cause: unknown; app?: AppLink },
  ): Promise<void>
}

export interface AppLink {
  name: string
  uri?: string | undefined
}

export interface Pages {
  renderError: NonNullable<Configuration['renderError']>
  rpInitiatedLogout: NonNullable<Features['rpInitiatedLogout']>
  deviceFlow: NonNullable<Features['deviceFlow']>
}

export function createPages({ applications, page, refuse }: PagesOptions): Pages {
  const appOf = createAppOf(applications)
  const xsrfOf = (ctx: KoaContextWithOIDC): unknown =>
    (ctx.oidc.session?.state as { secret?: string } | undefined)?.secret

  return {
    async renderError(ctx, out, error) {
      const app = await appOf(ctx)
      if (error instanceof errors.SessionNotFound) {
        return page(ctx, 'flow/expired', { restartUrl: app?.uri }, 400)
      }
      const description = out.error_description
      await refuse(ctx, {
        status: ctx.status,
        error: out.error,
        cause: error,
        ...(description && { description }),
        ...(app && { app }),
      })
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
      async userCodeInputSource(ctx, _form, out, error) {
        // A refusal of ours (too many tries) is no judgement of a code.
        if (error?.cause instanceof MaitredError) {
          return refuse(ctx, { status: error.cause.status, error: out?.error ?? '', cause: error })
        }
        const userCode = (error as { userCode?: string } | undefined)?.userCode
        await page(
          ctx,
          'flow/device-enter',
          {
            action: ctx.oidc.urlFor('code_verification'),
            hidden: { xsrf: xsrfOf(ctx) },
            userCode,
            refusal: error && (userCode || error.name === 'NoCodeError' ? 'wrong' : 'ended'),
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
      async successSource(ctx) {
        await page(ctx, 'flow/device-done')
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
    return application && { name: application.name, uri: application.initiateLoginUri ?? application.uri }
  }
}
