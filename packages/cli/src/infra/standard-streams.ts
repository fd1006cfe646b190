/** Reading ended (`localize … | head`), or the terminal is gone. */
const READER_GONE = new Set(['EPIPE', 'EIO']);

/** Those whose reader has left; the streams themselves forget it. */
const unread = new WeakSet<object>();

/** Whether somebody may read what is written there: noticed by a write that finds nobody. */
export function hasReader(stream: NodeJS.WriteStream): boolean {
  return !unread.has(stream);
}

/** A standard stream that takes nothing more. */
export interface StreamFault {
  readonly stream: 'standard output' | 'standard error';
  /** As the operating system says it. */
  readonly message: string;
}

/**
 * Whoever read our output may leave, and the disk that it is written to may be full: the rest of it is dropped, and what
 * is under way goes on to its orderly end.
 * @returns the first stream that could not be written for another reason than a reader who left, once all that was
 * written has been tried
 */
export function outliveStreams(): () => Promise<StreamFault | null> {
  let fault: StreamFault | null = null;
  const watch = (stream: NodeJS.WriteStream, name: StreamFault['stream']) =>
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (READER_GONE.has(error.code ?? '')) unread.add(stream);
      else fault ??= { stream: name, message: error.message };
    });
  watch(process.stdout, 'standard output');
  watch(process.stderr, 'standard error');
  // Errors of the last write are told a moment after it.
  return async () => {
    await new Promise((resolve) => setImmediate(resolve));
    return fault;
  };
}
