import { z } from 'zod';

/**
 * A mapping with known keys and no others. Its zod messages are data for the words that the user reads: the known keys
 * where a key is unknown, what is expected where it is no mapping at all.
 */
export function mapping<S extends z.ZodRawShape>(expected: string, shape: S) {
  const known = Object.keys(shape).join(' ');
  return z.strictObject(shape, { error: (issue) => (issue.code === 'unrecognized_keys' ? known : expected) });
}

/** A mapping from free names to values. */
export function named<V extends z.ZodType>(expected: string, value: V) {
  return z.record(z.string(), value, { error: expected });
}

/** A list with at least one item. */
export function list<V extends z.ZodType>(expected: string, item: V) {
  return z.array(item, { error: expected }).min(1, { error: expected });
}

/** One of several shapes, told apart by the type of the value. */
export function either<V extends readonly [z.ZodType, z.ZodType, ...z.ZodType[]]>(expected: string, shapes: V) {
  return z.union(shapes, { error: expected });
}
