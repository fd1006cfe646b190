import type { TextSink } from '../definitions.js';

/** log-update wants a stream, of which it uses the size and `write`. */
export function asStream(sink: TextSink): NodeJS.WriteStream {
  return {
    isTTY: sink.isTerminal,
    get columns() {
      return sink.columns;
    },
    get rows() {
      return sink.rows;
    },
    write: (text: string) => {
      sink.write(text);
      return true;
    },
  } as unknown as NodeJS.WriteStream;
}
