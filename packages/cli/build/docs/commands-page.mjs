import { examplesOf } from '../../dist/command-examples.js';
import { buildProgram } from '../../dist/program.js';
import { code, generatedFrom, table } from './markdown.mjs';

/** An option that so many commands have is told once. */
const COMMON_FROM = 5;

/** `docs/commands.md`: every command with its options and examples, from the command line itself. */
export function commandsPage() {
  const sink = { write: () => undefined, isTerminal: false, columns: 100, rows: 24 };
  const program = buildProgram({ version: '', out: sink, err: sink }, async () => undefined);
  const { commands } = program;
  const common = commonOptions(commands);
  return `${generatedFrom('the command line')}

# Commands

\`localize batch.yaml\` is \`localize run batch.yaml\`. Without a manifest, \`./manifest.yaml\` is meant; a folder stands for the
\`manifest.yaml\` in it.

\`cancel\`, \`retry\`, \`settle\`, \`adopt\` and \`clean --yes\` change a batch by hand. While a run of it is at work they change
nothing, name the process that holds it, and end with 5: end that run first (Ctrl-C, or \`kill -INT\`), or wait for it.

${table(
  ['command', 'what it does'],
  commands.map((command) => [`[${command.name()}](#${command.name()})`, command.description()]),
)}

## Options that many commands have

${optionTable([...common.values()])}

${commands.map((command) => section(command, common)).join('\n\n')}
`;
}

/** By flags and words: an option that means something else in one command is told there. */
function commonOptions(commands) {
  const all = commands.flatMap((command) => command.options);
  const isCommon = (option) => all.filter((other) => keyOf(other) === keyOf(option)).length >= COMMON_FROM;
  return new Map(all.filter(isCommon).map((option) => [keyOf(option), option]));
}

function section(command, common) {
  const own = command.options.filter((option) => !common.has(keyOf(option)));
  const shared = command.options.filter((option) => common.has(keyOf(option)));
  const aliases = command.aliases().map((alias) => `, or \`localize ${alias}\``);
  return [
    `## ${command.name()}`,
    `\`localize ${command.name()} ${command.usage()}\`${aliases.join('')}: ${command.description()}.`,
    ...(own.length > 0 ? [optionTable(own)] : []),
    ...(shared.length > 0 ? [`Also ${shared.map(({ long }) => code(long)).join(', ')}.`] : []),
    ...examples(command),
  ].join('\n\n');
}

function examples(command) {
  const known = examplesOf(command.name());
  if (known.length === 0) return [];
  const width = Math.max(...known.map(([call]) => call.length));
  const lines = known.map(([call, what]) => `localize ${call.padEnd(width)}   # ${what}`);
  return [`\`\`\`sh\n${lines.join('\n')}\n\`\`\``];
}

function optionTable(options) {
  return table(
    ['option', 'what it does'],
    options.map(({ flags, description }) => [code(flags), description]),
  );
}

function keyOf({ flags, description }) {
  return `${flags}\n${description}`;
}
