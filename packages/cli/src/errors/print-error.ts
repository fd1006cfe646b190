import { ERRORS, EXIT, type ExitCode, inertLine, LocalizeError } from '@localize/core';
import type { CommandContext, TextSink } from '../definitions.js';
import { errorRecord } from '../log/record-errors.js';
import type { Paint } from '../output/paint.js';
import { ManifestInvalid } from './manifest-invalid.js';

/**
 * The one printer of errors: code, what is wrong, what would mend it, without what names of files may do to a terminal. A stack appears with `--verbose` alone; that of a
 * fault of our own in a run is in the run's log too.
 * @returns the exit code that the error stands for
 */
export function printError(
  error: unknown,
  { err, log }: Pick<CommandContext, 'err' | 'log'>,
  options: { paint: Paint; verbose: boolean },
): ExitCode {
  if (log) log(errorRecord(error));
  if (error instanceof ManifestInvalid) {
    if (!log) err.write(error.report);
    return EXIT.usage;
  }
  if (log) return error instanceof LocalizeError ? ERRORS[error.code].exit : EXIT.machine;
  if (!(error instanceof LocalizeError)) return printBug(error, err, options);
  const { paint, verbose } = options;
  err.write(`${paint('red', 'error')} ${paint('bold', `[${error.code}]`)} ${inertLine(error.message)}\n`);
  if (error.details) err.write(`${error.details.trimEnd()}\n`);
  if (error.hint) err.write(`${paint('dim', '  hint')} ${inertLine(error.hint)}\n`);
  if (verbose) err.write(`${paint('dim', chain(error))}\n`);
  return ERRORS[error.code].exit;
}

function printBug(error: unknown, err: TextSink, { paint, verbose }: { paint: Paint; verbose: boolean }): ExitCode {
  const message = error instanceof Error ? error.message : String(error);
  const more = verbose ? '' : '; with --verbose it shows where in the program it arose';
  err.write(`${paint('red', 'error')} ${paint('bold', '[INTERNAL]')} ${inertLine(message)}\n`);
  err.write(
    `${paint('dim', '  hint')} this is a fault of ours; nothing is lost, and the same command goes on${more}\n`,
  );
  if (verbose) err.write(`${paint('dim', chain(error))}\n`);
  return EXIT.machine;
}

/** Stack of an error and of what caused it. */
function chain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by ${chain(error.cause)}`;
}
