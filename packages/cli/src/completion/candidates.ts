import type { Command, Option } from 'commander';
import { looksLikeManifest } from '../select/named-job.js';

/** One word that could stand next, and what it means; an empty meaning where there is nothing to say. */
export interface Candidate {
  readonly word: string;
  readonly meaning: string;
}

/** What can stand where the last word is being typed. */
export interface Candidates {
  readonly words: readonly Candidate[];
  /** File names fit as well. */
  readonly files: boolean;
}

/** Words that only a manifest or the catalogue knows. */
export interface BatchWords {
  readonly keys: readonly string[];
  readonly videos: readonly string[];
  readonly languages: readonly string[];
  /** Providers and routes. */
  readonly providers: readonly string[];
}

const NOTHING: Candidates = { words: [], files: false };
const FILES: Candidates = { words: [], files: true };

/**
 * Words for the end of a command line.
 * @param typed what stands behind `localize`; the last one is being typed and may be empty
 * @param batchWords looked up only where they are needed: given the manifest that is named, if any
 */
export function candidates(
  program: Command,
  typed: readonly string[],
  batchWords: (manifest: string | undefined) => BatchWords,
): Candidates {
  const { before, current, taken: written } = splitTyped(typed);
  const command = commandOf(program, before) ?? defaultCommand(program);
  const positionals = positionalsOf(command, before);
  const words = () => batchWords(manifestOf(command, positionals));
  const taken = valueOption(command, written ?? before.at(-1));
  if (taken !== null) return inList(valuesFor(taken, words), current, taken);
  if (current.startsWith('-')) return { words: optionWords(command), files: false };
  const named = commandOf(program, before) !== null;
  if (!named && positionals.length === 0) return { words: commandWords(program), files: true };
  return argumentWords(command, positionals, words);
}

interface Typed {
  readonly before: readonly string[];
  /** The word or value that is being typed. */
  readonly current: string;
  /** The option that stands in one word with it. */
  readonly taken?: string;
}

/** An option may stand in one word with its value, which bash gives as three. */
function splitTyped(typed: readonly string[]): Typed {
  const words: string[] = [];
  for (const [index, word] of typed.entries()) {
    const isSign = word === '=' && words.at(-1)?.startsWith('--');
    const isValue = typed[index - 1] === '=' && words.at(-1)?.endsWith('=');
    words.push(isSign || isValue ? `${words.pop()}${word}` : word);
  }
  const last = words.at(-1) ?? '';
  const [, taken, current] = /^(--[\w-]+)=(.*)$/.exec(last) ?? [];
  const before = words.slice(0, -1);
  return taken === undefined || current === undefined ? { before, current: last } : { before, current, taken };
}

/** Values behind a comma: those that are not in the list yet, each with what stands before it. */
function inList(values: Candidates, current: string, { long }: Option): Candidates {
  if (!LISTS.has(long ?? '') || !current.includes(',')) return values;
  const list = current.slice(0, current.lastIndexOf(',') + 1);
  const there = new Set(list.split(','));
  const more = values.words.filter(({ word }) => !there.has(word));
  return { ...values, words: more.map(({ word, meaning }) => ({ word: list + word, meaning })) };
}

const LISTS = new Set(['--only', '--video', '--lang', '--languages', '--provider', '--providers']);

function commandOf(program: Command, before: readonly string[]): Command | null {
  const first = before.find((word) => !word.startsWith('-'));
  const known = program.commands.find(
    (each) => first !== undefined && [each.name(), ...each.aliases()].includes(first),
  );
  return known ?? null;
}

function defaultCommand(program: Command): Command {
  const command = program.commands.find((each) => each.name() === 'run');
  if (command === undefined) throw new Error('there is no command run');
  return command;
}

/** Words that are neither options nor their values nor the command's own name. */
function positionalsOf(command: Command, before: readonly string[]): string[] {
  const plain = before.filter(
    (word, index) => !word.startsWith('-') && valueOption(command, before[index - 1]) === null,
  );
  return plain[0] !== undefined && [command.name(), ...command.aliases()].includes(plain[0]) ? plain.slice(1) : plain;
}

function manifestOf(command: Command, positionals: readonly string[]): string | undefined {
  if (keyArgument(command) !== undefined) return positionals.find(looksLikeManifest);
  const index = command.registeredArguments.findIndex((each) => each.name() === 'manifest');
  return index === -1 ? undefined : positionals[index];
}

/** The option that a word is, when it takes a value as its own word. */
function valueOption(command: Command, word: string | undefined): Option | null {
  const option = command.options.find(({ long, short }) => word !== undefined && (long === word || short === word));
  return option?.required ? option : null;
}

function valuesFor({ long }: Option, words: () => BatchWords): Candidates {
  switch (long) {
    case '--only':
      return { words: plain(words().keys), files: false };
    case '--video':
      return { words: plain(words().videos), files: false };
    case '--lang':
    case '--languages':
      return { words: plain(words().languages), files: false };
    case '--provider':
    case '--providers':
      return { words: plain(words().providers), files: false };
    case '--format':
      return { words: plain(['html', 'csv', 'csv-attempts', 'json', 'markdown', 'summary']), files: false };
    case '--log-format':
      return { words: plain(['text', 'json']), files: false };
    case '--state':
    case '--output':
    case '--media':
    case '--dir':
    case '--manifest':
      return FILES;
    default:
      return NOTHING;
  }
}

function argumentWords(command: Command, positionals: readonly string[], words: () => BatchWords): Candidates {
  const given = command.registeredArguments;
  const index = positionals.length;
  const argument = given[Math.min(index, given.length - 1)];
  if (argument === undefined || (index >= given.length && !argument.variadic)) return NOTHING;
  const key = keyArgument(command);
  // A job's key and its manifest may stand in either order.
  const [first] = positionals;
  const isKey = first === undefined ? argument === key : key !== undefined && looksLikeManifest(first);
  if (isKey) return { words: plain(words().keys), files: false };
  if (argument.name() === 'provider') return { words: plain(words().providers.filter(isProvider)), files: true };
  if (argument.argChoices) return { words: plain(argument.argChoices), files: false };
  return FILES;
}

function keyArgument({ registeredArguments }: Command) {
  return registeredArguments.find((each) => each.name() === 'job' || each.name() === 'key');
}

/** And no route of one. */
function isProvider(id: string): boolean {
  return !id.includes('/');
}

function commandWords(program: Command): Candidate[] {
  return program.commands.map((command) => ({ word: command.name(), meaning: command.description() }));
}

function optionWords(command: Command): Candidate[] {
  const own = command.options.flatMap(({ long, description }) => (long ? { word: long, meaning: description } : []));
  return [...own, { word: '--help', meaning: 'all about this command' }];
}

function plain(words: readonly string[]): Candidate[] {
  return words.map((word) => ({ word, meaning: '' }));
}
