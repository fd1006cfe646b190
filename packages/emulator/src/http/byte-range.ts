/** Which bytes of a file a request asks for. */
export type ByteRange = { whole: true } | { start: number; end: number } | { unsatisfiable: true };

/** Reads a `Range` header for a file of `size` bytes; several ranges, and what is no byte range, mean the whole file. */
export function parseRange(header: string | undefined, size: number): ByteRange {
  const match = header === undefined ? null : /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  if (match === null) return { whole: true };
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return { whole: true };
  if (first === '') {
    const length = Number(last);
    if (length === 0 || size === 0) return { unsatisfiable: true };
    return { start: Math.max(0, size - length), end: size - 1 };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return { whole: true };
  if (start >= size) return { unsatisfiable: true };
  return { start, end: last === '' ? size - 1 : Math.min(Number(last), size - 1) };
}
