const STEP = '  ';

/** The same value with lists that need not be in memory as a whole. */
export type Streamed<T> = T extends readonly (infer Item)[]
  ? Iterable<Streamed<Item>>
  : T extends object
    ? { readonly [K in keyof T]: Streamed<T[K]> }
    : T;

/**
 * A value as `JSON.stringify(value, null, 2)` writes it, in pieces: down to `depth`, one for each entry of objects and
 * lists, so that a large value is never one text.
 * @param margin stands before each line but the first
 */
export function* jsonPieces(value: unknown, depth: number, margin = ''): Generator<string> {
  if (depth === 0 || value === null || typeof value !== 'object') {
    yield indentedJson(value, margin);
    return;
  }
  const isList = Symbol.iterator in value;
  const [open, close] = isList ? '[]' : '{}';
  let isEmpty = true;
  for (const [name, entry] of isList ? unnamed(value as Iterable<unknown>) : Object.entries(value)) {
    if (entry === undefined) continue;
    yield `${isEmpty ? open : ','}\n${margin}${STEP}${name === null ? '' : `${JSON.stringify(name)}: `}`;
    yield* jsonPieces(entry, depth - 1, margin + STEP);
    isEmpty = false;
  }
  yield isEmpty ? `${open}${close}` : `\n${margin}${close}`;
}

/** A value as it stands inside another one whose entries have this margin. */
export function indentedJson(value: unknown, margin: string): string {
  return JSON.stringify(value, null, STEP.length).replaceAll('\n', `\n${margin}`);
}

function* unnamed(items: Iterable<unknown>): Generator<[null, unknown]> {
  for (const item of items) yield [null, item];
}
