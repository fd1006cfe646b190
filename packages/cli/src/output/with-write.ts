import type { TextSink } from '../definitions.js';

/** The same stream, with its size, for texts that go another way. */
export function withWrite(sink: TextSink, write: (text: string) => void): TextSink {
  return {
    write,
    get isTerminal() {
      return sink.isTerminal;
    },
    get columns() {
      return sink.columns;
    },
    get rows() {
      return sink.rows;
    },
  };
}
