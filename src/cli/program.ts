/** The list of commands. Each is loaded when it is called, so that none pays for another's dependencies. */
import { Command, CommanderError } from 'commander'
import { explain } from './explain.ts'
import type { Terminal } from './terminal.ts'

/** Runs one command. @returns the exit code: 0 done, 1 failed, 2 wrong usage or configuration. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  let code = 0
  const program = createProgram(terminal, (result) => {
    code = result
  })
  try {
    await program.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    // Commander has told already what it did not like; help and version end here too.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    const explanation = explain(error)
    terminal.err(explanation.text)
    return explanation.code
  }
}

function createProgram(terminal: Terminal, done: (code: number) => void): Command {
  const program = new Command('maitred')
    .description('An identity provider that a team runs beside its apps.')
    .exitOverride()
    .showHelpAfterError('Run it with --help to see how it is used.')
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
    })

  program
    .command('serve')
    .description('run the identity provider until SIGTERM or SIGINT')
    .action(async () => done(await (await import('./serve.ts')).serve(terminal)))

  program
    .command('demo')
    .description('run it with the restaurant example and its people, to click through')
    .action(async () => done(await (await import('./demo.ts')).demo(terminal)))

  program
    .command('apply <file>')
    .description('bring applications, roles and people to the state that a YAML file describes')
    .action(async (file: string) => done(await (await import('./apply.ts')).apply(terminal, file)))

  program
    .command('plan <file>')
    .description('show what apply would do')
    .action(async (file: string) => done(await (await import('./plan.ts')).plan(terminal, file)))

  const users = program.command('users').description('manage people')
  users
    .command('create')
    .description('make an administrator and print a one-use link to set a password and a second factor')
    .requiredOption('--admin <email>', "the administrator's address")
    .action(async (options: { admin: string }) =>
      done(await (await import('./users-create.ts')).usersCreate(terminal, options.admin)),
    )

  users
    .command('history <person>')
    .description('show the sign-ins and attempts of a person, by email address, user name or phone number')
    .option('--last <number>', 'how many at most', '50')
    .action(async (person: string, options: { last: string }) =>
      done(await (await import('./users-history.ts')).usersHistory(terminal, person, options.last)),
    )

  const keys = program.command('keys').description('manage signing keys')
  keys
    .command('rotate')
    .description('let the next signing key sign, and publish the one after it')
    .action(async () => done(await (await import('./keys-rotate.ts')).keysRotate(terminal)))

  program
    .command('registration-token')
    .description('print a token that lets its holder register applications (RFC 7591)')
    .option('--hours <number>', 'how long it lasts', '24')
    .action(async (options: { hours: string }) =>
      done(await (await import('./registration-token.ts')).registrationToken(terminal, options.hours)),
    )

  program
    .command('migrate')
    .description('bring the stored data to the form that this version needs')
    .action(async () => done(await (await import('./migrate.ts')).migrate(terminal)))

  program
    .command('doctor')
    .description('look at configuration and store, and say what is wrong and how to mend it')
    .action(async () => done(await (await import('./doctor.ts')).doctor(terminal)))

  return program
}
