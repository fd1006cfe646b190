import { CommanderError } from 'commander';
import type { CommandContext } from './definitions.js';
import { isAbort } from './errors/is-abort.js';
import { createProcessContext } from './infra/process-context.js';
import { outliveStreams, type StreamFault } from './infra/standard-streams.js';
import { buildProgram } from './program.js';

/** Exit codes of the command line itself; kept here so that `--help` loads nothing else. */
const OK = 0;
const INTERRUPTED = 130;

/**
 * The command: reads arguments, environment and working directory, and sets the exit code. Nothing else in this
 * project does any of these.
 * @param argv as `process.argv`
 */
export async function main(argv: readonly string[]): Promise<void> {
  const streamFault = outliveStreams();
  const context = createProcessContext(argv);
  const done = await execute(argv, context);
  const fault = await streamFault();
  const code = fault === null ? done : await reportStream(fault, argv, context);
  process.exitCode = code;
  // All work is done and all is saved; a socket that some library keeps warm must not keep the user waiting.
  setTimeout(() => process.exit(code), 250).unref();
}

/** Carries one command line out in a world that is given. @returns the exit code */
export async function execute(argv: readonly string[], context: CommandContext): Promise<number> {
  let code = OK;
  const program = buildProgram(context, async (work) => {
    code = await work();
  });
  try {
    await program.parseAsync(argv as string[]);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return OK;
      const { usageError } = await import('./errors/usage-error.js');
      return reportError(usageError(error, argv), argv, context);
    }
    // A signal before the run began; a run itself ends in an orderly way and returns its code.
    if (isAbort(error, context.interrupts.stop)) return INTERRUPTED;
    return reportError(error, argv, context);
  }
}

/** To the stream that still works, if one does. */
async function reportStream(
  { stream, message }: StreamFault,
  argv: readonly string[],
  context: CommandContext,
): Promise<number> {
  const { LocalizeError } = await import('@localize/core');
  const error = new LocalizeError('STREAM_UNWRITABLE', `${stream} could not be written: ${message}`, {
    hint: 'what the command did is done and saved, and what it said is lost: localize status shows where the batch stands',
  });
  const err = stream === 'standard error' && !argv.includes('--json') ? context.out : context.err;
  return reportError(error, argv, { ...context, err });
}

async function reportError(error: unknown, argv: readonly string[], context: CommandContext): Promise<number> {
  const { printError } = await import('./errors/print-error.js');
  const { createPaint, wantsColor } = await import('./output/paint.js');
  const { recordingContext, wantsRecords } = await import('./log/record-errors.js');
  const { err, log } = wantsRecords(argv) ? recordingContext(context) : context;
  const paint = createPaint(wantsColor(context, err, argv.includes('--no-color') ? false : undefined));
  // A broken disk or database is the machine's fault, whichever command meets it.
  const { asMachineFault } = await import('@localize/runner');
  const verbose = argv.includes('--verbose') || argv.includes('-v');
  const fault = asMachineFault(error);
  if (argv.includes('--json')) {
    const { errorJson } = await import('./errors/error-json.js');
    context.out.write(`${JSON.stringify(errorJson(fault))}\n`);
  }
  return printError(fault, { err, log }, { paint, verbose });
}
