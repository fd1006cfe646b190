import type { RunContext } from '../run-context.js';

/** Tells of an upload in steps of a hundredth. */
export function progressTeller(
  context: RunContext,
  about: { file: string; destination: string; totalBytes: number },
): (bytes: number) => void {
  let toldAt = 0;
  return (bytes) => {
    if (Math.abs(bytes - toldAt) < about.totalBytes / 100) return;
    toldAt = bytes;
    context.journal.tell({ type: 'upload:progress', ...about, bytes });
  };
}
