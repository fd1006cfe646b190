import { quote, type Reading, scalar, wrongType } from './scalar.js';
import { readText } from './text-fields.js';

const SCHEME = /^([a-z][a-z0-9+.-]+):/i;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

export function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

const EXAMPLES = { video: './media/keynote.mp4', audio: './audio/keynote.de.mp3', image: './media/mask.png' } as const;

export function mediaExpectation(kind: keyof typeof EXAMPLES): string {
  return `a path such as ${EXAMPLES[kind]}, or an https URL`;
}

/** A media file: a path, or an https URL that is passed on as it stands. */
export function mediaField(kind: keyof typeof EXAMPLES) {
  const expected = mediaExpectation(kind);
  return scalar<string>(expected, { type: 'string', examples: [EXAMPLES[kind]] }, (value) =>
    readMedia(value, expected),
  );
}

/** Reads a media path or URL. */
export function readMedia(value: unknown, expected: string): Reading<string> {
  if (typeof value !== 'string' || value.trim() === '') return wrongType(value, expected);
  if (isUrl(value)) return readUrl(value, expected);
  return readPath(value, expected);
}

/** What `extends` takes. */
export const SHARED_FILE = 'a path such as ../shared.yaml';

/** A path; relative ones start at the manifest's folder. */
export function pathField(expected: string) {
  return scalar<string>(expected, { type: 'string' }, (value) => readPath(value, expected));
}

/** Reads a path; what it points at is not looked at. */
export function readPath(value: unknown, expected: string): Reading<string> {
  if (typeof value !== 'string' || value.trim() === '') return wrongType(value, expected);
  if (SCHEME.test(value)) return { problem: `is ${quote(value)}, which is no path`, expected };
  if (value.startsWith('~'))
    return { problem: `is ${quote(value)}, and ~ is not expanded here`, expected: 'the full path' };
  if (/\p{Cc}/u.test(value)) return { problem: 'has a control character in it', expected };
  return { value };
}

/** What every object's name in a bucket begins with. Storages and those who fetch resolve `..` and `//` each in its own way. */
export function objectPrefixField() {
  const expected = 'a prefix such as in/';
  return scalar<string>(expected, { type: 'string' }, (value) => {
    const reading = readText(value, expected);
    if (!('value' in reading)) return reading;
    const odd = reading.value.includes('//') ? '//' : reading.value.split('/').find((part) => /^\.{1,2}$/.test(part));
    return odd === undefined ? reading : { problem: `is ${quote(reading.value)}, with ${odd} in it`, expected };
  });
}

/**
 * A host of a provider or of a bucket, without a trailing slash.
 * @param isBase whether names are put behind it, which a query or a fragment would swallow
 */
export function urlField(example: string, { isBase = false } = {}) {
  const expected = `an https URL such as ${example}`;
  return scalar<string>(expected, { type: 'string', examples: [example] }, (value) => {
    if (typeof value !== 'string' || value.trim() === '') return wrongType(value, expected);
    const reading = readUrl(value, expected);
    const tail = isBase ? /[?#]/.exec(value)?.[0] : undefined;
    if (tail !== undefined) {
      return { problem: `is ${quote(value)}, and names put behind ${tail} would not be read`, expected };
    }
    return 'value' in reading ? { value: reading.value.replace(/\/+$/, '') } : reading;
  });
}

/** Plain http is for this machine alone. */
function readUrl(text: string, expected: string): Reading<string> {
  const url = parseUrl(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return { problem: `is ${quote(text)}`, expected };
  if (url.username !== '' || url.password !== '') {
    return { problem: 'has a user name or a password in it', expected, code: 'SECRET' };
  }
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    return {
      problem: `is ${quote(text)}, and plain http is for this machine only`,
      expected: text.replace(/^http:/i, 'https:'),
    };
  }
  return { value: text };
}

function parseUrl(text: string): URL | null {
  // Examples write an ellipsis for a host that is still to come; a check of the text must not trip over it.
  const filled = text.replaceAll('…', 'placeholder');
  return URL.canParse(filled) ? new URL(filled) : null;
}
