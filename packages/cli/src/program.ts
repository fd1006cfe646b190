import { Command, CommanderError } from 'commander';
import { addExamples } from './command-examples.js';
import {
  withHosts,
  withKeys,
  withManifest,
  withMending,
  withOutput,
  withSameBatch,
  withSelection,
  withState,
} from './command-options.js';
import type { CommandContext } from './definitions.js';
import { addSetup } from './setup-commands.js';

/** Runs a command's code, which is loaded only now. */
export type Start = (work: () => Promise<number>) => Promise<void>;

type Options = Record<string, never>;

const EXAMPLES = `
Examples:
  localize                                 run ./manifest.yaml, or go on with it
  localize plan batch.yaml                 every job with its route and price; spends nothing
  localize batch.yaml --emulate            the whole batch on the built-in emulator: no keys, no money
  localize batch.yaml --only 'keynote/*'   one video
  localize status batch.yaml --json        for scripts

Interrupted, killed, or out of power: run the same command again. Nothing is bought twice.`;

/** The command line: every command with its options. Loads none of their code. */
export function buildProgram(context: CommandContext, start: Start): Command {
  const program = new Command('localize')
    .description('Localized videos from one manifest: every video in every language, through lip-sync providers.')
    .option('-V, --version', 'output the version number')
    .on('option:version', () => showVersion(context))
    .helpOption('-h, --help')
    .addHelpText('after', EXAMPLES)
    .configureOutput({
      writeOut: (text) => context.out.write(text),
      writeErr: (text) => context.err.write(text),
      // What the parser refuses is thrown too, and told as every other error.
      outputError: () => undefined,
    })
    // As each command's own help has it, which names what may be left out.
    .configureHelp({
      subcommandTerm: (command) => `${[command.name(), ...command.aliases()].join('|')} ${command.usage()}`,
    })
    .exitOverride()
    .hook('preAction', async (_, command) => {
      (await import('./select/refuse-empty.js')).refuseEmpty(command.opts());
    });
  addRun(program, context, start);
  addReading(program, context, start);
  addMending(program, context, start);
  addAdopt(program, context, start);
  addEmulate(program, context, start);
  addSetup(program, context, start);
  addExamples(program);
  return program;
}

/** Looked up only when it is asked for. */
function showVersion(context: CommandContext): never {
  context.out.write(`${context.version}\n`);
  throw new CommanderError(0, 'commander.version', context.version);
}

function addRun(program: Command, context: CommandContext, start: Start): void {
  const command = withSelection(program.command('run [manifest]', { isDefault: true }).alias('resume'), {
    failed: 'only failed jobs, which are bought again',
  });
  withKeys(withSameBatch(command))
    .description('run a batch, or go on with it (the default command)')
    .option('--notify-command <command>', 'run this for what calls for attention, with it in LOCALIZE_TEXT')
    .option('--log-format <format>', 'standard error as text or as json, a record a line (default: text)')
    .option('--remake', 'buy finished jobs again whose inputs changed')
    .option('--include-approved', 'with --remake: also those that a reviewer approved')
    .option('--ui', 'serve the report’s page on this machine while the run goes on')
    .option('-y, --yes', 'spend without asking')
    .option('-n, --dry-run', 'show the plan instead of running')
    .option('--wait [time]', 'when another run holds the batch, wait for it (--wait=30m: at most so long)')
    .option('--skip-if-running', 'when another run holds the batch, end with 0 instead of 5')
    .option('--stop-after <time>', 'buy nothing more after so long (5h, 90m); what is bought is still fetched')
    .option('--plan <file>', 'carry out exactly the plan that `plan --out` saved, or say what has changed since')
    .option('--max-usd <amount>', 'buy nothing more once this run has newly spent so much')
    .option('--collect', 'buy nothing: only follow and fetch what is bought')
    .action((manifest: string | undefined, options: Options) =>
      start(async () => (await import('./commands/run.js')).run(context, manifest, options)),
    );
}

function addReading(program: Command, context: CommandContext, start: Start): void {
  withKeys(withSameBatch(withSelection(program.command('plan [manifest]'))))
    .description('show every job with its route and price; spends and writes nothing')
    .option('--out <file>', 'also save the plan, for `run --plan`')
    .option('--remake', 'as of a run that also buys finished jobs again whose inputs changed')
    .option('--include-approved', 'with --remake: also those that a reviewer approved')
    .option('--quote', 'set our prices beside those of the providers that quote them for free')
    .action((manifest: string | undefined, options: Options) =>
      start(async () => (await import('./commands/plan.js')).plan(context, manifest, options)),
    );
  withHosts(withManifest(program.command('validate [manifest]')))
    .description('check a manifest and its media files, and show every mistake')
    .action((manifest: string | undefined, options: Options) =>
      start(async () => (await import('./commands/validate.js')).validate(context, manifest, options)),
    );
  withSelection(program.command('preview [manifest]'))
    .description('put the target audio over the source pictures, free and without any provider, to check the tracks')
    .action((manifest: string | undefined, options: Options) =>
      start(async () => (await import('./commands/preview.js')).preview(context, manifest, options)),
    );
  withSameBatch(withSelection(program.command('status [manifest]')))
    .description('show where a batch stands, also while it runs')
    .option(
      '--verify',
      'hash every finished output, and look for the delivered ones; ends with 1 when one is not what it was',
    )
    .option('--watch', 'show it again and again until every job has ended')
    .action((manifest: string | undefined, options: Options) =>
      start(async () => (await import('./commands/status.js')).status(context, manifest, options)),
    );
  withSelection(program.command('report [manifest]'), {
    lang: 'these languages (pt takes in pt-BR): a folder with their page and their videos, to pass on',
  })
    .description('write the report files anew, or one document')
    .option('--format <name>', 'html, csv (one row a job), csv-attempts, json, markdown or summary')
    .option(
      '--output <path>',
      'where to write it (default: the page in the batch’s report folder, anything else to standard output)',
    )
    .option(
      '--compare <run-or-batch...>',
      'set beside this batch as that run left it, or beside another batch; of two, each beside the other',
    )
    .option('--open', 'open the page in the browser')
    .action((manifest: string | undefined, options: Options) =>
      start(async () => (await import('./commands/report.js')).report(context, manifest, options)),
    );
  withState(program.command('review [files...]'))
    .description('take in reviewers’ marks, the files that the report’s page downloads')
    .option('-m, --manifest <file>', 'the manifest that they belong to (default: ./manifest.yaml)')
    .option('--withdraw <key...>', 'take back all that was said of the present videos of these jobs (globs)')
    .action((files: string[], options: Options) =>
      start(async () => (await import('./commands/review.js')).review(context, files, options)),
    );
  withState(program.command('routes [manifest]'))
    .description('show what every route takes, costs and allows; with a manifest, at its prices and limits')
    .option('--keep-going', 'go on without the jobs whose media files are missing or unreadable')
    .action((manifest: string | undefined, options: Options) =>
      start(async () => (await import('./commands/routes.js')).routes(context, manifest, options)),
    );
}

function addMending(program: Command, context: CommandContext, start: Start): void {
  withMending(withKeys(withSelection(program.command('retry [manifest]'))))
    .description('put failed, held and canceled jobs back to work; the next run carries it out')
    .option('--uncertain', 'also buy jobs again whose create may have been bought')
    .action((manifest: string | undefined, options: Options) =>
      start(async () => (await import('./commands/retry.js')).retry(context, manifest, options)),
    );
  withMending(withKeys(withSelection(program.command('cancel [manifest]'))))
    .description('cancel jobs that have not succeeded, while no run of the batch is at work')
    .action((manifest: string | undefined, options: Options) =>
      start(async () => (await import('./commands/cancel.js')).cancel(context, manifest, options)),
    );
  withSameBatch(withState(program.command('clean [manifest]')))
    .description('show the files that no job needs any more, and how much room they take')
    .option('-y, --yes', 'delete them')
    .option('--force', 'the same')
    .option('--older-than <time>', 'only files that are older, such as 7d')
    .action((manifest: string | undefined, options: Options) =>
      start(async () => (await import('./commands/clean.js')).clean(context, manifest, options)),
    );
  withMending(withKeys(withManifest(program.command('settle [manifest] [key]').usage('[options] [manifest] <key>'))))
    .description('say what became of a create whose reply was lost, or whether a failure was charged')
    .option(
      '--prediction <id>',
      'it is this prediction; its provider is asked, for free, whether it can be; beside --not-bought or --charged: which failed one is meant',
    )
    .option('--attempt <number>', 'which of the job’s attempts is meant, as `logs` numbers them')
    .option('--unchecked', 'with --prediction: without asking')
    .option('--not-bought', 'it was never bought, or failed and was not charged')
    .option(
      '--charged <usd>',
      'it failed, or its reply was lost, and it was charged this much, which then counts as billed',
    )
    .option('--abandon', 'give it up, also one that no key is left for; its money stays at risk')
    .action((first: string | undefined, second: string | undefined, options: Options) =>
      start(async () => (await import('./commands/settle.js')).settle(context, [first, second], options)),
    );
}

function addAdopt(program: Command, context: CommandContext, start: Start): void {
  withSameBatch(withManifest(program.command('adopt <folder>')))
    .description('take in finished results by their sidecar files, after a lost state or from another machine')
    .option('-m, --manifest <file>', 'the manifest that they belong to (default: ./manifest.yaml)')
    .action((folder: string, options: Options) =>
      start(async () => (await import('./commands/adopt.js')).adopt(context, folder, options)),
    );
}

function addEmulate(program: Command, context: CommandContext, start: Start): void {
  withOutput(program.command('emulate'))
    .description('serve all four providers on loopback until Ctrl-C')
    .option('--dir <folder>', 'what the emulator keeps (default: ./.localize/emulator)')
    .option('--hostname <address>', 'address to listen on (default: 127.0.0.1)')
    .option('--port <number>', 'port to listen on (default: any free one)')
    .option(
      '--speed <factor>',
      'so many times faster than the real providers (default: 1); a batch looks as much sooner with the poll: that is printed',
    )
    .action((options: Options) => start(async () => (await import('./commands/emulate.js')).emulate(context, options)));
}
