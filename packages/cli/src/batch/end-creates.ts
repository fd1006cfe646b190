/** When creates end by the user's word, and how to forget about it. */
export interface CreatesEnd {
  /** `undefined`: never. */
  readonly signal: AbortSignal | undefined;
  /** Ends the clock, which would keep the process. */
  close(): void;
}

/** `--collect` ends creates before the first, `--stop-after` when its time is over, counted from here. */
export function endCreates({ collect, stopAfterMs }: { collect: boolean; stopAfterMs: number | null }): CreatesEnd {
  if (collect) return { signal: AbortSignal.abort(), close: () => undefined };
  if (stopAfterMs === null) return { signal: undefined, close: () => undefined };
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(), stopAfterMs);
  return { signal: ended.signal, close: () => clearTimeout(timer) };
}
