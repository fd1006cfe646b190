const STEP = '  ';

/** The same value with lists that need not be in memory as a whole. */
export type Streamed<T> = T extends readonly (infer Item)[]
  ? Iterable<Streamed<Item>>
  : T extends object
    ? { readonly [K in keyof T]: Streamed<T[K]> }
    : T;

/**
 * A value as JSON, in pieces: down to `depth` one for each entry of objects and lists, so that a large value is never one
 * text. Each of those begins a line, and is indented as by `JSON.stringify(value, null, 2)`; what is below is on that line.
 * @param margin stands before each line but the first; `null`: all is on one line, as `JSON.stringify(value)` writes it
 */
export function* jsonPieces(value: unknown, depth: number, margin: string | null = ''): Generator<string> {
  if (depth === 0 || value === null || typeof value !== 'object') {
    yield JSON.stringify(value);
    return;
  }
  const isList = Symbol.iterator in value;
  const [open, close] = isList ? '[]' : '{}';
  const inner = margin === null ? null : margin + STEP;
  const [line, colon] = inner === null ? ['', ':'] : [`\n${inner}`, ': '];
  let isEmpty = true;
  for (const [name, entry] of isList ? unnamed(value as Iterable<unknown>) : Object.entries(value)) {
    if (entry === undefined) continue;
    yield `${isEmpty ? open : ','}${line}${name === null ? '' : `${JSON.stringify(name)}${colon}`}`;
    yield* jsonPieces(entry, depth - 1, inner);
    isEmpty = false;
  }
  yield isEmpty ? `${open}${close}` : `${margin === null ? '' : `\n${margin}`}${close}`;
}

function* unnamed(items: Iterable<unknown>): Generator<[null, unknown]> {
  for (const item of items) yield [null, item];
}
