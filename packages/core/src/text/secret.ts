import type { Secret } from '../provider/contract.js';

/** Wraps a key so that printing, logging or serializing it shows `[secret]`. */
export function secret(value: string): Secret {
  return {
    reveal: () => value,
    toString: () => '[secret]',
    toJSON: () => '[secret]',
    [Symbol.for('nodejs.util.inspect.custom')]: () => '[secret]',
  } as Secret;
}
