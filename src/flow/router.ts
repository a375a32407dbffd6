/** The one router of the sign-in: it loads the interaction that the browser holds and serves the step whose turn it is. */
import type { Router } from '@koa/router'
import type { Context } from 'koa'
import { z } from 'zod'
import { type Applications, appLink } from '../applications/applications.ts'
import { MaitredError } from '../errors.ts'
import { formProblem, preferLanguages, readForm, requestState, type Shell } from '../http/http.ts'
import type { Write } from '../storage/storage.ts'
import type { Flow, Route, Situation, Step, StepResult } from './step.ts'

/** What the protocol hands over of an interaction. */
export interface FlowInteraction {
  uid: string
  step: string
  situation: Situation
  returnTo: string
  finish(result: StepResult): Promise<string>
  goOn(result: StepResult, writes: readonly Write[]): Promise<void>
  cancel(): Promise<string>
}

export interface FlowRouterOptions {
  shell: Pick<Shell, 'page'> & { router: Router }
  steps: readonly Step[]
  applications: Applications
  /** The application that these pages are part of: there is nothing to go back to before one is in. */
  own: string
  load(ctx: Context): Promise<FlowInteraction>
}

/** Refusals that a form shows again, with what was typed. */
const SHOWN_AGAIN = new Set(['invalid_form', 'wrong_credentials', 'too_many_requests', 'busy'])

const empty = z.strictObject({})

/** @returns answers a request for the first page of an interaction that came in by another way */
export function routeFlow({
  shell,
  steps,
  applications,
  own,
  load,
}: FlowRouterOptions): (ctx: Context) => Promise<void> {
  const identify = steps.find(({ name }) => name === 'identify')

  async function open(
    ctx: Context,
    uid = ctx.params.uid,
  ): Promise<{ flow: Flow; step: Step; interaction: FlowInteraction }> {
    const interaction = await load(ctx)
    const step = steps.find(({ name }) => name === interaction.step)
    if (!step || interaction.uid !== uid) throw new MaitredError('expired')
    // What proved the session holds no more: whoever is in it must not change anything of the person's on the way.
    if (step.name !== 'identify' && (await identify?.due(interaction.situation)))
      throw new MaitredError('expired', { cause: 'who it is has to be proved again' })
    preferLanguages(ctx, interaction.situation.request.uiLocales)
    return { flow: flowOf(ctx, interaction, shell, own), step, interaction }
  }

  /** A page that is gone leads back to the application it came from. */
  async function orExpired(ctx: Context, serve: () => Promise<void>): Promise<void> {
    try {
      await serve()
    } catch (error) {
      if (!(error instanceof MaitredError) || error.code !== 'expired') throw error
      const id = ctx.query.app
      const application = typeof id === 'string' ? await applications.get(id) : undefined
      const app = application && appLink(application)
      await shell.page(ctx, 'flow/expired', { app, restartUrl: app?.uri }, 410)
    }
  }

  /** @param here where the page of the form is */
  async function submit(ctx: Context, flow: Flow, route: Route, here: string): Promise<void> {
    if (!route.submit) throw new MaitredError('method_not_allowed')
    try {
      await route.submit(flow)
    } catch (error) {
      // Nothing has happened, and no cookie tells of it: a device is not known by a sign-in that came to nothing.
      ctx.remove('Set-Cookie')
      if (!(error instanceof MaitredError) || !SHOWN_AGAIN.has(error.code) || !route.show) throw error
      if (error.retryAfter) ctx.set('Retry-After', String(error.retryAfter))
      await route.show(showing(flow, { ...formProblem(ctx, error), here }, error.status))
    }
  }

  shell.router.get('/flow/:uid', (ctx) =>
    orExpired(ctx, async () => {
      const { flow, step } = await open(ctx)
      await step.show(flow)
    }),
  )
  shell.router.get('/flow/:uid/:route', (ctx) =>
    orExpired(ctx, async () => {
      const { flow, step } = await open(ctx)
      const show = step.routes?.[String(ctx.params.route)]?.show
      if (!show) throw new MaitredError('expired')
      await show(flow)
    }),
  )
  shell.router.post('/flow/:uid/cancel', (ctx) =>
    orExpired(ctx, async () => {
      const { flow, interaction } = await open(ctx)
      await readForm(ctx, empty)
      flow.redirect(await interaction.cancel())
    }),
  )
  shell.router.post('/flow/:uid/:route', (ctx) =>
    orExpired(ctx, async () => {
      const { flow, step } = await open(ctx)
      const name = String(ctx.params.route)
      const isOwn = name === step.name
      const route = isOwn ? step : step.routes?.[name]
      if (!route) throw new MaitredError('expired')
      await submit(ctx, flow, route, flow.url(isOwn ? undefined : name))
    }),
  )

  return (ctx) =>
    orExpired(ctx, async () => {
      const { flow, step } = await open(ctx, ctx.path.split('/')[2])
      await step.show(showing(flow, { here: flow.url() }))
    })
}

/** Whose pages know more than the step says, and have this status. */
function showing(flow: Flow, more: Record<string, unknown>, status?: number): Flow {
  return { ...flow, page: (view, locals, own) => flow.page(view, { ...locals, ...more }, status ?? own) }
}

function flowOf(ctx: Context, interaction: FlowInteraction, shell: Pick<Shell, 'page'>, own: string): Flow {
  const { uid, situation, returnTo } = interaction
  const { application } = situation
  const { language, t } = requestState(ctx)
  const app = appLink(application)
  const url = (path?: string): string =>
    `/flow/${uid}${path ? `/${path}` : ''}?app=${encodeURIComponent(application._id)}`
  function redirect(location: string): void {
    ctx.status = 303
    ctx.redirect(location)
  }
  // Whoever is in and is only asked again can leave it; who is not would meet this very page again.
  const isInside = interaction.step === 'identify' && situation.session !== undefined
  const cancelAction = application._id !== own || isInside ? url('cancel') : undefined
  return {
    ...situation,
    ctx,
    uid,
    language,
    t,
    url,
    redirect,
    page: (view, locals = {}, status = 200) =>
      shell.page(ctx, view, { app, cancelAction, ...locals }, status),
    next: (result = {}, writes = []) => interaction.goOn(result, writes),
    async settle(result) {
      await interaction.finish(result)
    },
    proceed: () => redirect(returnTo),
  }
}
