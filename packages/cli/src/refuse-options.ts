import { LocalizeError, nearestWord } from '@localize/core';
import type { RunBatchOptions } from './run-batch.js';

/** What an option takes, in words, and whether a value is that. Numbers are looked at one by one elsewhere. */
interface Kind {
  readonly words: string;
  readonly takes: (value: unknown) => boolean;
}

const TEXT: Kind = { words: 'a text', takes: (value) => typeof value === 'string' };
const TEXTS: Kind = {
  words: 'a list of texts',
  takes: (value) => Array.isArray(value) && value.every((each) => typeof each === 'string'),
};
const YES_OR_NO: Kind = { words: 'true or false', takes: (value) => typeof value === 'boolean' };
const NUMBER: Kind = { words: 'a number', takes: (value) => value === null || typeof value === 'number' };
const COUNT: Kind = { words: 'a number', takes: (value) => typeof value === 'number' || typeof value === 'string' };
const FUNCTION: Kind = { words: 'a function', takes: (value) => typeof value === 'function' };
const SIGNAL: Kind = { words: 'an AbortSignal', takes: (value) => value instanceof AbortSignal };
const VARIABLES: Kind = {
  words: 'variables by their names, each a text',
  takes: (value) => isObject(value) && strayIn(value) === null,
};

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The name of a variable that has something else than a text. */
function strayIn(variables: object): string | null {
  const stray = Object.entries(variables).find(([, value]) => value !== undefined && typeof value !== 'string');
  return stray?.[0] ?? null;
}

const OPTIONS: Readonly<Record<keyof RunBatchOptions, Kind>> = {
  only: TEXTS,
  lang: TEXTS,
  video: TEXTS,
  provider: TEXTS,
  failed: YES_OR_NO,
  limit: COUNT,
  signal: SIGNAL,
  abort: SIGNAL,
  onEvent: FUNCTION,
  onLoaded: FUNCTION,
  onOpen: FUNCTION,
  confirm: FUNCTION,
  yes: YES_OR_NO,
  offerRemakes: FUNCTION,
  emulate: YES_OR_NO,
  keepGoing: YES_OR_NO,
  remake: YES_OR_NO,
  includeApproved: YES_OR_NO,
  collect: YES_OR_NO,
  stopAfterMs: NUMBER,
  planFile: TEXT,
  maxMicros: NUMBER,
  waitMs: NUMBER,
  onHeld: FUNCTION,
  allowHosts: TEXTS,
  keyFile: TEXTS,
  keyCommand: TEXTS,
  notifyCommand: TEXT,
  ownSettings: YES_OR_NO,
  sameBatch: YES_OR_NO,
  state: TEXT,
  variables: VARIABLES,
  cwd: TEXT,
  color: YES_OR_NO,
};

/**
 * Not every caller is checked by a compiler: a selector that is misspelt must not select all, nor `emulate: 'no'` decide
 * what is paid. An option that is `undefined` is one that is left out.
 * @throws LocalizeError USAGE
 */
export function refuseWrongOptions(options: unknown): void {
  if (!isObject(options)) {
    throw new LocalizeError('USAGE', 'the options of runBatch are no object', {
      hint: 'runBatch(path, { emulate: true })',
    });
  }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(OPTIONS, name)) throw unknownOption(name);
    const kind = OPTIONS[name as keyof RunBatchOptions];
    if (value === undefined || kind.takes(value)) continue;
    throw new LocalizeError('USAGE', `\`${name}\` ${wrongWords(kind, value)}`, { hint: `it takes ${kind.words}` });
  }
}

/** @throws LocalizeError USAGE */
export function refuseWrongPath(path: unknown): void {
  if (path === undefined || typeof path === 'string') return;
  throw new LocalizeError('USAGE', `the path of runBatch ${wrongWords(TEXT, path)}`, {
    hint: "runBatch('manifest.yaml'), or undefined for the one in this folder",
  });
}

/** Never with the value: it may be a key. */
function wrongWords(kind: Kind, value: unknown): string {
  if (kind === TEXTS && Array.isArray(value)) return 'holds something that is no text';
  if (kind === VARIABLES && isObject(value)) return `holds something that is no text, at ${strayIn(value)}`;
  if (value === null) return 'is null';
  return `is ${Array.isArray(value) ? 'a list' : `of the type ${typeof value}`}`;
}

function unknownOption(name: string): LocalizeError {
  const known = Object.keys(OPTIONS);
  const nearest = nearestWord(name, known);
  return new LocalizeError('USAGE', `runBatch has no option \`${name}\``, {
    hint: nearest === null ? `it has ${known.join(', ')}` : `did you mean \`${nearest}\`?`,
  });
}
