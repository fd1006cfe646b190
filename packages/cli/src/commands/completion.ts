import type { Command } from 'commander';
import { candidates } from '../completion/candidates.js';
import { SCRIPTS } from '../completion/scripts.js';
import { SHELLS, type Shell } from '../completion/shells.js';
import type { CommandContext } from '../definitions.js';

/** `localize completion`: a script for a shell; or, for that script, the words that could stand next. */
export async function completion(
  context: CommandContext,
  program: Command,
  shell: string,
  typed: readonly string[],
): Promise<number> {
  if (isShell(shell)) {
    context.out.write(SCRIPTS[shell]);
    return 0;
  }
  const { readBatchWords } = await import('../completion/read-batch-words.js');
  const { words, files } = candidates(program, typed, (manifest) => readBatchWords(context.cwd, manifest));
  const current = typed.at(-1) ?? '';
  // A value that stands in one word with its option is completed with it; bash takes them for words of their own.
  const option = /^--[\w-]+=/.exec(current)?.[0] ?? '';
  const start = current === '=' ? '' : current.slice(option.length);
  const fitting = words.flatMap(({ word, meaning }) =>
    word.startsWith(start) ? { word: option + word, meaning } : [],
  );
  for (const { word, meaning } of fitting) context.out.write(meaning === '' ? `${word}\n` : `${word}\t${meaning}\n`);
  if (files) context.out.write(':files\n');
  return 0;
}

function isShell(word: string): word is Shell {
  return (SHELLS as readonly string[]).includes(word);
}
