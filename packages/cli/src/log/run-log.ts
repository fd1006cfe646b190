import type { Secret } from '@localize/core';
import type { RunEvent } from '@localize/runner';
import { createLogLine } from './log-line.js';
import { logRecord } from './log-record.js';
import { openLogFile } from './open-log-file.js';
import { errorRecord } from './record-errors.js';

/** What a run writes down beside its state. */
export interface RunLog {
  onEvent(event: RunEvent): void;
  /** What ended the run from without. */
  onError(error: unknown): void;
  close(): Promise<void>;
}

export interface RunLogOptions {
  /** Absolute. */
  readonly folder: string;
  readonly secrets: readonly Secret[];
  /** Stands on every line. */
  readonly base: Readonly<Record<string, unknown>>;
  readonly onFault: (error: Error) => void;
}

export function openRunLog({ folder, secrets, base, onFault }: RunLogOptions): RunLog {
  const file = openLogFile(folder, onFault);
  const toLine = createLogLine(secrets, base);
  let requests = 0;
  return {
    onEvent: (event) => {
      const record = logRecord(event);
      if (record === null) return;
      if (event.type === 'exchange') requests += 1;
      file.write(toLine(event.type === 'exchange' ? { ...record, request: requests } : record));
    },
    onError: (error) => file.write(toLine(errorRecord(error))),
    close: () => file.close(),
  };
}
