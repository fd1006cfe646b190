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
/** A shorter segment of a URL's path may be a word, such as `services`. */
const SHORTEST_SEGMENT = 16;
/** A shorter key is taken out as a word of its own alone: as a part of words it says nothing, and they would be lost. */
const SHORTEST_INSIDE_WORDS = 4;

/**
 * Takes keys out of texts: whole and in halves, plain, percent-encoded and as base64. Longer spellings go first, so that
 * no remainder survives.
 */
export function secretRemover(secrets: readonly Secret[]): (text: string) => string {
  const spellings = [...new Set(secrets.flatMap((each) => spellingsOf(each.reveal())))]
    .filter((spelling) => spelling !== '')
    .sort((a, b) => b.length - a.length);
  const patterns = spellings.map(asPattern);
  return (text) => patterns.reduce<string>((clean, pattern) => clean.replaceAll(pattern, REDACTED), text);
}

function asPattern(spelling: string): string | RegExp {
  if (spelling.length >= SHORTEST_INSIDE_WORDS) return spelling;
  const literal = spelling.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, 'gu');
}

function spellingsOf(key: string): string[] {
  const parts = [key, ...partsOf(key)];
  return parts.flatMap((part) => [part, encodeURIComponent(part), Buffer.from(part).toString('base64')]);
}

/** Of a URL its host, port and scheme are no secret, and other lines name them. */
function partsOf(key: string): string[] {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(key) || !URL.canParse(key)) {
    return key.split(':').filter((part) => part.length >= SHORTEST_PART);
  }
  const { username, password, pathname, search, searchParams } = new URL(key);
  const whole = [username, password, pathname, `${pathname}${search}`, ...searchParams.values()];
  const segments = pathname.split('/').filter((segment) => segment.length >= SHORTEST_SEGMENT);
  return [...whole.filter((part) => part.length >= SHORTEST_PART), ...segments];
}
