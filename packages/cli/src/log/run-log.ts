import type { RunEvent } from '@localize/runner';
import { createLogLine } from './log-line.js';
import { logRecord } from './log-record.js';
import { openLogFile } from './open-log-file.js';
import { errorRecord } from './record-errors.js';

/** What is written down beside a state of what goes on. */
export interface RunLog {
  onEvent(event: RunEvent): void;
  /** What ended it from without. */
  onError(error: unknown): void;
  close(): Promise<void>;
}

export interface RunLogOptions {
  /** Absolute. */
  readonly folder: string;
  /** Takes keys out of a text. */
  readonly withoutSecrets: (text: string) => string;
  /** Stands on every line. */
  readonly base: Readonly<Record<string, unknown>>;
  readonly onFault: (error: Error) => void;
}

/** Numbers the requests of its run, so that a line of the log names one. */
export function openRunLog({ folder, withoutSecrets, base, onFault }: RunLogOptions): RunLog {
  const file = openLogFile(folder, onFault);
  const toLine = createLogLine(withoutSecrets, base);
  let requests = 0;
  return {
    onEvent: (event) => {
      const record = logRecord(event);
      if (record === null) return;
      if (event.type === 'exchange') requests += 1;
      file.write(toLine(record, event.type === 'exchange' ? { request: requests } : {}));
    },
    onError: (error) => file.write(toLine(errorRecord(error))),
    close: () => file.close(),
  };
}
