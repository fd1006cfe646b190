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

const REDACTED = '[secret]';
/** A shorter part of a key (some are `id:secret`) would match by chance. */
const SHORTEST_PART = 8;

/**
 * Takes keys out of texts: whole and in halves, plain, percent-encoded and as base64. Longer spellings go first, so that
 * no remainder survives.
 */
export function secretRemover(secrets: readonly Secret[]): (text: string) => string {
  const spellings = [...new Set(secrets.flatMap((each) => spellingsOf(each.reveal())))]
    .filter((spelling) => spelling !== '')
    .sort((a, b) => b.length - a.length);
  return (text) => spellings.reduce((clean, spelling) => clean.replaceAll(spelling, REDACTED), text);
}

function spellingsOf(key: string): string[] {
  const parts = [key, ...key.split(':').filter((part) => part.length >= SHORTEST_PART)];
  return parts.flatMap((part) => [part, encodeURIComponent(part), Buffer.from(part).toString('base64')]);
}
