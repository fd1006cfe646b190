import { Argument, type Command, InvalidArgumentError } from 'commander';
import { withKeys, withOutput, withState } from './command-options.js';
import { SHELLS } from './completion/shells.js';
import type { CommandContext } from './definitions.js';
import type { Start } from './program.js';

type Options = Record<string, never>;

/** The scripts' own word stands in the place of a shell, and is told to nobody. */
function readShell(word: string): string {
  if (word === 'words' || (SHELLS as readonly string[]).includes(word)) return word;
  throw new InvalidArgumentError(`Allowed choices are ${SHELLS.join(', ')}.`);
}

/** Commands that set up, explain and examine; none of them buys. Loads none of their code. */
export function addSetup(program: Command, context: CommandContext, start: Start): void {
  withOutput(program.command('init [manifest]'))
    .description('write a manifest (./manifest.yaml) from the videos and audio that are found; overwrites nothing')
    .option('--media <folder>', 'where the videos and their audio are (default: here)')
    .option('--languages <tags>', 'the languages to make, such as de,pt-BR (default: all that are found)')
    .option(
      '--providers <ids>',
      'providers or routes, the preferred first, or cheapest (default: those whose keys are set)',
    )
    .option('-y, --yes', 'ask nothing')
    .action((manifest: string | undefined, options: Options) =>
      start(async () => (await import('./commands/init.js')).init(context, manifest, options)),
    );
  withKeys(withState(program.command('doctor [manifest]')))
    .description('look at everything that a run would need, and say how to mend it')
    .action((manifest: string | undefined, options: Options) =>
      start(async () => (await import('./commands/doctor.js')).doctor(context, manifest, options)),
    );
  withState(program.command('logs <job> [manifest]'))
    .description('show one job’s whole history, with every request and reply')
    .action((first: string, second: string | undefined, options: Options) =>
      start(async () => (await import('./commands/logs.js')).logs(context, [first, second], options)),
    );
  withState(program.command('limits [provider] [manifest]'))
    .description('show how full each lane is and its limits, or set them; a run at work takes them up at once')
    .option('-m, --manifest <file>', 'the manifest whose lanes they are (default: ./manifest.yaml)')
    .option('--concurrent <number>', 'attempts that may be open at once')
    .option('--creates <number>', 'creates in any window')
    .option('--per <time>', 'length of the window, such as 60s')
    .option('--key <name>', 'only the lane of this key variable')
    .option('--account <name>', 'only the lane of this account')
    .option('--reset', 'back to the manifest’s limits')
    .action((provider: string | undefined, manifest: string | undefined, options: Options) =>
      start(async () => (await import('./commands/limits.js')).limits(context, [provider, manifest], options)),
    );
  program
    .command('completion')
    .description('print what makes a shell complete commands, options, jobs and providers')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS).argParser(readShell))
    .argument('[typed...]')
    .usage('<bash|zsh|fish>')
    .action((shell: string, typed: string[]) =>
      start(async () => (await import('./commands/completion.js')).completion(context, program, shell, typed)),
    );
  program
    .command('schema')
    .description('print the JSON Schema of the manifest, for editors')
    .action(() => start(async () => (await import('./commands/schema.js')).schema(context)));
}
