import { nearestWord } from '../../text/nearest.js';
import { orList } from '../../text/words.js';
import { quote, type Reading, scalar, wrongType } from './scalar.js';

/** Any text that is not empty. */
export function textField(expected: string) {
  return scalar<string>(expected, { type: 'string' }, (value) => readText(value, expected));
}

export function readText(value: unknown, expected: string): Reading<string> {
  if (typeof value === 'string' && value.trim() !== '') {
    const stray = strayCharacter(value);
    return stray === null ? { value } : { problem: `has ${stray} in it`, expected };
  }
  if (typeof value === 'number' || typeof value === 'boolean') {
    return wrongType(value, `${expected}; put it in quotes if it is meant as text`);
  }
  return wrongType(value, expected);
}

/** The first character that no text for people has, in words; `null` where there is none. Tabs and line ends are fine. */
function strayCharacter(text: string): string | null {
  // U+DC80 to U+DCFF stand for bytes that are no UTF-8, which are told as that.
  const found = /(?![\t\n\r\udc80-\udcff])[\p{Cc}\p{Cs}]/u.exec(text)?.[0];
  if (found === undefined) return null;
  const name = `U+${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
  // Two such halves make one character; no JSON parser has to take one alone.
  return /\p{Cs}/u.test(found) ? `half a character (${name})` : `the control character ${name}`;
}

/** One of a few words. */
export function wordField<W extends string>(words: readonly W[]) {
  const expected = words.length === 1 ? `only ${words[0]} is possible` : orList(words);
  return scalar<W>(expected, { type: 'string', enum: words }, (value) => {
    const word = words.find((candidate) => candidate === value);
    if (word !== undefined) return { value: word };
    if (typeof value !== 'string') return wrongType(value, expected);
    // Between numbers no letters tell what was meant.
    const nearest = /\d/.test(value) ? null : nearestWord(value, words);
    return { problem: `is ${quote(value)}`, expected: nearest === null ? expected : `did you mean ${nearest}?` };
  });
}

export function booleanField() {
  return scalar<boolean>('true or false', { type: 'boolean' }, (value) =>
    typeof value === 'boolean' ? { value } : wrongType(value, 'true or false'),
  );
}

/** A whole number in a range. */
export function integerField(minimum: number, maximum: number | null = null) {
  const expected =
    maximum === null ? `a whole number, at least ${minimum}` : `a whole number from ${minimum} to ${maximum}`;
  const schema = { type: 'integer', minimum, ...(maximum === null ? {} : { maximum }) };
  return scalar<number>(expected, schema, (value) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) return wrongType(value, expected);
    if (value < minimum || (maximum !== null && value > maximum)) return { problem: `is ${value}`, expected };
    return { value };
  });
}
