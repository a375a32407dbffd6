/** The sign-in's view of the library's interactions: load the one a browser holds, finish a step of it. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context } from 'koa'
import { errors, type Interaction, type Provider } from 'oidc-provider'
import type { Person, Sessions } from '../accounts/accounts.ts'
import type { Applications } from '../applications/applications.ts'
import { MaitredError } from '../errors.ts'
import { acrOf, type Situation, type StepResult } from '../flow/flow.ts'
import type { Store, Write } from '../storage/storage.ts'
import type { Endings } from './endings.ts'
import { goOn, mayGoOn } from './going-on.ts'
import type { PendingRequests } from './pending-requests.ts'
import { stepOfPrompt } from './policy.ts'
import type { Payload } from './request.ts'
import { requestOf, type SituationSources } from './situation.ts'

/** An interaction that the browser holds the cookie of. */
export interface LoadedInteraction {
  uid: string
  /** The step whose turn it is. */
  step: string
  situation: Situation
  finish(result: StepResult): Promise<string>
  /** Where the sign-in goes on. */
  returnTo: string
  /** Finishes and goes on within this request, which is answered then; `writes` are made with what follows. */
  goOn(result: StepResult, writes: readonly Write[]): Promise<void>
  cancel(): Promise<string>
}

export interface InteractionsOptions extends SituationSources {
  provider: () => Provider
  applications: Applications
  sessions: Sessions
  endings: Endings
  store: Store
  requests: PendingRequests
  /** Name of the library's cookie of a browser that comes back. */
  cookie: string
  handle(req: IncomingMessage, res: ServerResponse): Promise<void>
}

export function createInteractions(options: InteractionsOptions) {
  const { applications, sessions, endings, now } = options

  async function orExpired<R>(work: Promise<R>): Promise<R> {
    try {
      return await work
    } catch (cause) {
      if (cause instanceof errors.SessionNotFound) throw new MaitredError('expired', { cause })
      throw cause
    }
  }

  async function situationIn(interaction: Interaction): Promise<Situation> {
    const application = await applications.get(String(interaction.params.client_id))
    if (!application) throw new MaitredError('expired', { cause: 'its application is gone' })
    const session = interaction.session && (await sessions.get(String(interaction.session.uid)))
    return {
      now: now(),
      application,
      session: session?.person
        ? {
            uid: session._id,
            accountId: session.person,
            amr: session.amr ?? [],
            acr: session.acr,
            authTime: session.authTime ?? new Date(0),
            passwordSetAt: session.passwordSetAt,
          }
        : undefined,
      person: session?.person ? await options.findPerson(session.person) : undefined,
      request: requestOf(interaction.params as Payload),
      ...(missingIn(interaction) && { missing: missingIn(interaction) }),
    }
  }

  /** Whose session the browser holds: that of the interaction, or one that began beside it. */
  async function holderIn(ctx: Context, interaction: Interaction) {
    return interaction.session ?? (await options.provider().Session.get(ctx))
  }

  async function complete(ctx: Context, interaction: Interaction, result: StepResult): Promise<void> {
    const { signedIn } = result
    const holder = signedIn && (await holderIn(ctx, interaction))
    if (holder?.accountId && holder.accountId !== signedIn?.accountId) {
      // Somebody else signs in on this browser: the other person's session ends first.
      const other = await sessions.get(String(holder.uid))
      if (other) await endings.endSession(other)
      delete (interaction as { session?: unknown }).session
    }
    const outcome = {
      ...(signedIn && {
        login: { ...signedIn, acr: acrOf(signedIn.amr) },
        create: {},
        select_account: {},
      }),
      ...(result.consented && { consent: {} }),
    }
    interaction.result = { ...interaction.lastSubmission, ...outcome }
  }

  async function letGoOn(
    ctx: Context,
    interaction: Interaction,
    { person, writes }: { person?: Person | undefined; writes: readonly Write[] },
  ): Promise<void> {
    ctx.respond = false
    // Koa begins with 404; the library expects what node begins with.
    ctx.res.statusCode = 200
    const { req, res } = ctx
    await goOn({ ...options, req, res, interaction, person, writes })
  }

  return {
    /** @throws MaitredError `expired` when the interaction is gone or belongs to another browser. */
    async load(ctx: Context): Promise<LoadedInteraction> {
      const interaction = await orExpired(
        options.requests.onBehalfOf(ctx, () => options.provider().interactionDetails(ctx.req, ctx.res)),
      )
      return {
        uid: interaction.uid,
        step: stepOfPrompt(interaction.prompt.name),
        returnTo: interaction.returnTo,
        situation: await situationIn(interaction),
        async finish(result) {
          await complete(ctx, interaction, result)
          await orExpired(interaction.persist())
          return interaction.returnTo
        },
        async goOn(result, writes) {
          await complete(ctx, interaction, result)
          if (mayGoOn(interaction)) return letGoOn(ctx, interaction, { person: result.person, writes })
          if (writes.length > 0) await options.store.batch(writes)
          await orExpired(interaction.persist())
          ctx.status = 303
          ctx.redirect(interaction.returnTo)
        },
        async cancel() {
          interaction.result = { error: 'access_denied', error_description: 'the person did not go on' }
          await orExpired(interaction.persist())
          return interaction.returnTo
        },
      }
    },
  }
}

export type Interactions = ReturnType<typeof createInteractions>

function missingIn(interaction: Interaction): Situation['missing'] {
  return (interaction.prompt.details as { missing?: Situation['missing'] }).missing
}
