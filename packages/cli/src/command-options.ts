import type { Command } from 'commander';

/** Options of every command that reads a manifest and its state. */
export function withState(command: Command): Command {
  return withOutput(command)
    .option('--emulate', 'use the built-in emulator and its own state')
    .option('--state <file>', 'the state database (default: .localize/state.db near the manifest)');
}

/** Options of every command that reads a manifest's media. */
export function withManifest(command: Command): Command {
  return withState(command).option(
    '--keep-going',
    'go on without the jobs whose media files are missing or unreadable',
  );
}

/**
 * Options of every command that works on some of a manifest's jobs: the same grammar everywhere.
 * @param texts what an option means to this command, where that is more than a choice
 */
export function withSelection(command: Command, texts: { lang?: string; failed?: string } = {}): Command {
  const shared = withManifest(command)
    .option('--only <globs>', "only jobs such as keynote/de or '*/pt-*', or a label as course=intro", collect)
    .option('--video <globs>', 'only these videos', collect)
    .option('--provider <ids>', 'only jobs that go to these providers or routes', collect)
    .option('--failed', texts.failed ?? 'only failed jobs')
    .option('--limit <number>', 'only so many jobs, the first of the manifest');
  return texts.lang === undefined
    ? shared.option('--lang <tags>', 'only these languages; pt takes in pt-BR', collect)
    : shared.option('--lang <tags>', texts.lang, collect);
}

/** Options of every command that uses keys. */
export function withKeys(command: Command): Command {
  return withHosts(command)
    .option('--key-file <name=path>', 'read the key of a provider or variable from a file', collect)
    .option('--key-command <name=command>', 'take the key that a command prints', collect);
}

/** Keys go to the providers' own hosts, and to no other that is not named here. */
export function withHosts(command: Command): Command {
  return command.option('--allow-host <host>', 'let keys go to this host too (may be given several times)', collect);
}

const SAME_BATCH = 'this manifest continues a batch that another manifest path began';

export function withSameBatch(command: Command): Command {
  return command.option('--same-batch', SAME_BATCH);
}

/** Options of every command that changes jobs by hand. It asks nothing; `--yes` is taken as `run` takes it. */
export function withMending(command: Command): Command {
  return withSameBatch(command).option('-y, --yes', 'as with run; nothing is asked here');
}

/** Options of every command that prints. */
export function withOutput(command: Command): Command {
  return command
    .option('--json', 'machine-readable output')
    .option('-q, --quiet', 'only what matters at the end')
    .option('-v, --verbose', 'every step, and stacks of errors')
    .option('--no-color', 'no colours');
}

/** Gathers an option that may be given several times. */
function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}
