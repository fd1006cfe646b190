import type { TextSink } from '../definitions.js';

/** A call of the stream costs more than the words of one job. */
const WRITE_CHARACTERS = 64 * 1024;

/** Writes a text that is never in memory as a whole. */
export function writePieces(sink: Pick<TextSink, 'write'>, pieces: Iterable<string>): void {
  let waiting = '';
  for (const piece of pieces) {
    waiting += piece;
    if (waiting.length < WRITE_CHARACTERS) continue;
    sink.write(waiting);
    waiting = '';
  }
  if (waiting !== '') sink.write(waiting);
}
