import { createStream } from 'rotating-file-stream';

export interface LogFile {
  /** Writes a line soon; never throws. */
  write(line: string): void;
  /** Resolves when all lines are in the file. */
  close(): Promise<void>;
}

/** The newest lines are in `localize.log`, older ones in `localize.log.1` and up: at most 100 MB in all. */
const NAME = 'localize.log';
const ROTATION = { size: '10M', rotate: 9 } as const;

/** A busy run has thousands of lines a second: a write to the disk for each would cost more than the line. */
const TOGETHER_MS = 50;

/**
 * Opens the log beside a state; other processes may write into it too. A log that cannot be written ends no run: that is
 * told once.
 * @param folder absolute; made when it is missing
 */
export function openLogFile(folder: string, onFault: (error: Error) => void): LogFile {
  const stream = createStream(NAME, { path: folder, ...ROTATION });
  let broken = false;
  const fail = (error: Error) => {
    if (!broken) onFault(error);
    broken = true;
  };
  stream.on('error', fail);
  stream.on('warning', fail);
  let lines: string[] = [];
  const flush = () => {
    if (lines.length > 0 && !broken) stream.write(lines.join(''));
    lines = [];
  };
  return {
    write: (line) => {
      if (lines.length === 0) setTimeout(flush, TOGETHER_MS);
      lines.push(`${line}\n`);
    },
    close: () =>
      new Promise((resolve) => {
        flush();
        if (broken) return resolve();
        stream.once('error', () => resolve());
        stream.end(() => resolve());
      }),
  };
}
