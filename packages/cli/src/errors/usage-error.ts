import { LocalizeError, nearestWord } from '@localize/core';
import type { CommanderError } from 'commander';
import { COMMAND_NAMES } from '../command-examples.js';

/** What the argument parser refused, in the form of every other error. */
export function usageError({ code, message }: CommanderError, argv: readonly string[]): LocalizeError {
  const [what = '', suggestion] = message.replace(/^error: /, '').split('\n');
  const nearest = code === 'commander.excessArguments' ? nearestCommand(argv) : null;
  const guess = nearest ?? suggestion?.replace(/^\((.*)\)$/, '$1');
  const command = argv.slice(2).find((each) => COMMAND_NAMES.includes(each)) ?? 'run';
  const help = `localize ${command} --help lists what it takes`;
  const said = what.charAt(0).toLowerCase() + what.slice(1).replace(/\.$/, '');
  return new LocalizeError('USAGE', said, { hint: guess === undefined ? help : `${uncapped(guess)} ${help}` });
}

/** What is no command counts as a manifest, behind which nothing may follow. */
function nearestCommand(argv: readonly string[]): string | null {
  const typed = argv.slice(2).find((each) => !each.startsWith('-'));
  if (typed === undefined || COMMAND_NAMES.includes(typed)) return null;
  const nearest = nearestWord(typed, COMMAND_NAMES);
  return nearest === null ? null : `did you mean localize ${nearest}?`;
}

function uncapped(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
