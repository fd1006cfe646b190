import { LocalizeError, nearestWord, plainText } from '@localize/core';
import type { CommanderError } from 'commander';
import { COMMAND_NAMES } from '../command-examples.js';

/** What the argument parser refused, in the form of every other error. */
export function usageError({ code, message }: CommanderError, argv: readonly string[]): LocalizeError {
  const [what = '', suggestion] = message.replace(/^error: /, '').split('\n');
  const slip = code === 'commander.excessArguments' ? misspeltCommand(argv) : null;
  if (slip !== null) {
    const hint = `did you mean localize ${slip.nearest}? localize --help lists the commands`;
    return new LocalizeError('USAGE', `there is no command ${plainText(slip.typed, 80)}`, { hint });
  }
  const guess = suggestion?.replace(/^\((.*)\)$/, '$1');
  const command = argv.slice(2).find((each) => COMMAND_NAMES.includes(each)) ?? 'run';
  const help = `localize ${command} --help lists what it takes`;
  const said = what.charAt(0).toLowerCase() + what.slice(1).replace(/\.$/, '');
  return new LocalizeError('USAGE', said, { hint: guess === undefined ? help : `${uncapped(guess)} ${help}` });
}

/** What is no command counts as a manifest, behind which nothing may follow. */
function misspeltCommand(argv: readonly string[]): { typed: string; nearest: string } | null {
  const typed = argv.slice(2).find((each) => !each.startsWith('-'));
  if (typed === undefined || COMMAND_NAMES.includes(typed)) return null;
  const nearest = nearestWord(typed, COMMAND_NAMES);
  return nearest === null ? null : { typed, nearest };
}

function uncapped(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
