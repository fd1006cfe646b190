import { stripVTControlCharacters } from 'node:util';
import { LocalizeError } from '@localize/core';
import type { CommandContext } from '../definitions.js';
import { ManifestInvalid } from '../errors/manifest-invalid.js';
import { createLogLine } from './log-line.js';
import type { LogRecord } from './log-record.js';

/** The same world, with standard error as a log: records as they are, and what is said in text as a record a line. */
export function recordingContext(context: CommandContext): CommandContext {
  const toLine = createLogLine((text) => text);
  const log = (record: LogRecord) => context.err.write(`${toLine(record)}\n`);
  const say = (text: string) => {
    for (const line of stripVTControlCharacters(text).split('\n')) {
      if (line.trim() !== '') log({ level: 'info', atMs: Date.now(), event: 'message', msg: line.trim() });
    }
  };
  return { ...context, err: { write: say, isTerminal: false, columns: 80, rows: 24 }, log };
}

/** Whether the command line asks for this; read before it is parsed, since its own mistakes are told too. */
export function wantsRecords(argv: readonly string[]): boolean {
  return argv.includes('--log-format=json') || argv[argv.indexOf('--log-format') + 1] === 'json';
}

/** What ended a command, for a log. */
export function errorRecord(error: unknown): LogRecord {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  return { level: 'error', atMs: Date.now(), event: 'error', msg: message, ...aboutError(error, stack) };
}

function aboutError(error: unknown, stack: string | undefined): Readonly<Record<string, unknown>> {
  if (error instanceof ManifestInvalid) return { code: 'MANIFEST_INVALID', issues: error.issues };
  if (error instanceof LocalizeError) return { code: error.code, hint: error.hint ?? undefined };
  return { code: 'INTERNAL', stack };
}
