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
  words: 'variables by their names',
  takes: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

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
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new LocalizeError('USAGE', 'the options of runBatch are no object', {
      hint: 'runBatch(path, { emulate: true })',
    });
  }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(OPTIONS, name)) throw unknownOption(name);
    const kind = OPTIONS[name as keyof RunBatchOptions];
    if (value === undefined || kind.takes(value)) continue;
    const seen = value === null ? 'null' : Array.isArray(value) ? 'a list' : `of the type ${typeof value}`;
    const wrong = kind === TEXTS && seen === 'a list' ? 'holds something that is no text' : `is ${seen}`;
    throw new LocalizeError('USAGE', `\`${name}\` ${wrong}`, { hint: `it takes ${kind.words}` });
  }
}

function unknownOption(name: string): LocalizeError {
  const known = Object.keys(OPTIONS);
  const nearest = nearestWord(name, known);
  return new LocalizeError('USAGE', `runBatch has no option \`${name}\``, {
    hint: nearest === null ? `it has ${known.join(', ')}` : `did you mean \`${nearest}\`?`,
  });
}
