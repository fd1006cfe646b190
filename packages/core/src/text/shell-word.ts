/** Nothing in it means anything to a shell: letters, digits and marks of any script, and what paths are made of. */
const PLAIN = /^[\p{L}\p{N}\p{M}._/:@+,-]+$/u;

/** One word of a command that people copy into a POSIX shell: as it is, or in single quotes, where nothing has a meaning. */
export function shellWord(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** The first word of a piece of a command, in its quotes if it has some. */
export function firstShellWord(command: string): string {
  return /^(?:'[^']*'|\\'|[^\s'\\])+/.exec(command)?.[0] ?? '';
}

/** The word after `--only` that names one job; what parts or spreads patterns there stands for any one character. */
export function onlyWord(key: string): string {
  return shellWord(key.replace(/[,{}]/g, '?'));
}
