import type { Command } from 'commander';

/** Options of every command that reads a manifest and its state. */
export function withState(command: Command): Command {
  return withOutput(command)
    .option('--emulate', 'use the built-in emulator and its own state')
    .option('--state <file>', 'the state database (default: .localize/state.db near the manifest)');
}

/** Options of every command that works on a manifest's jobs. */
export function withManifest(command: Command): Command {
  return withState(command)
    .option('--keep-going', 'go on without the jobs whose media files are missing or unreadable')
    .option('--only <glob>', "only jobs such as keynote/de or '*/pt-*' (may be given several times)", collect);
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
export function collect(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}
