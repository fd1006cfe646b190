import { basename, delimiter, dirname, isAbsolute, relative } from 'node:path';
import { COMMAND_NAMES } from '../command-examples.js';
import type { TextSink } from '../definitions.js';
import { withWrite } from '../output/with-write.js';

/** Of the command, wherever it is installed. */
export const NAME = 'localize';

/** A command to type: followed by one of its commands, an option, or a manifest, or alone in a list of examples. */
const FOLLOWING = ` (?:(?:${COMMAND_NAMES.join('|')})\\b|-|'|\\S+\\.ya?ml\\b| )`;
const COMMAND = new RegExp(`(?<![\\w./-])${NAME}(?=${FOLLOWING})`, 'g');

/**
 * How the user would type the command again. In a clone `localize` alone is not found: there it is `./localize`.
 * @param script as `process.argv[1]`
 */
export function callName(script: string | undefined, { cwd, path }: { cwd: string; path: string | undefined }): string {
  if (script === undefined || basename(script) !== NAME || !isAbsolute(script)) return NAME;
  if (path?.split(delimiter).includes(dirname(script))) return NAME;
  const way = relative(cwd, script);
  const typed = way.startsWith('.') || isAbsolute(way) ? way : `./${way}`;
  return /^[\w@%+=:,./-]+$/.test(typed) ? typed : `'${typed.replaceAll("'", `'\\''`)}'`;
}

/** Where a program reads, commands keep the name that they have everywhere. */
const DATA = /^--json$|^--format(=|$)|^(schema|completion)$/;
const RECORDS = /^--log-format(=|$)/;

/** The two sinks of a command line, with the commands that they name for people as these can type them. */
export function sinksAsCalled(
  argv: readonly string[],
  { out, err }: { out: TextSink; err: TextSink },
  name: string,
): { out: TextSink; err: TextSink } {
  const given = argv.slice(2);
  return {
    out: given.some((each) => DATA.test(each)) ? out : sinkAsCalled(out, name),
    err: given.some((each) => RECORDS.test(each)) ? err : sinkAsCalled(err, name),
  };
}

/** A text that names commands, with these as its reader can type them. */
export function asCalled(text: string, name: string): string {
  return text.replace(COMMAND, () => name);
}

/** Texts name commands as `localize …`; whoever reads them gets what they can type. */
function sinkAsCalled(sink: TextSink, name: string): TextSink {
  if (name === NAME) return sink;
  return withWrite(sink, (text) => sink.write(asCalled(text, name)));
}
