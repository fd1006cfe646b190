import type { Command } from 'commander';

type Example = readonly [call: string, what: string];

/** Calls of each command that do something useful. Tests keep them complete and carry them out. */
const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
  run: [
    ["batch.yaml --only 'keynote/*'", 'one video in all its languages'],
    ['batch.yaml --yes --wait=30m --stop-after 5h', 'from cron, within a night'],
    ['batch.yaml --collect', 'only fetch what is bought'],
  ],
  plan: [["plan batch.yaml --only '*/de'", 'what the German videos would cost']],
  validate: [['validate batch.yaml', 'every mistake, each with its line']],
  preview: [["preview batch.yaml --only '*/ja'", 'listen to the Japanese takes before paying']],
  status: [['status batch.yaml --verify', 'also hash every output']],
  report: [['report batch.yaml', 'write the report again, without a run']],
  routes: [['routes --json', 'the whole catalogue, for scripts']],
  review: [['review ./marks.json -m batch.yaml', 'what a reviewer said']],
  retry: [["retry batch.yaml --only 'keynote/*'", 'what failed of one video']],
  cancel: [['cancel batch.yaml --only keynote/de', 'one job']],
  settle: [
    ['settle batch.yaml keynote/de --not-bought', 'after a look into the provider’s own list'],
    ['settle batch.yaml keynote/de --charged 0.34', 'a failed prediction that is on the provider’s bill'],
  ],
  clean: [
    ['clean batch.yaml', 'what it would delete, and how much room that frees'],
    ['clean batch.yaml --yes --older-than 7d', 'delete what is older than a week'],
  ],
  adopt: [
    [
      'adopt ./localized -m batch.yaml',
      'after a lost state; exit 1 if something there is unusable or a job finds nothing',
    ],
  ],
  emulate: [['emulate --port 8787 --speed 60', 'an hour of the providers in a minute']],
  init: [['init --media ./media --languages de,ja --providers eachlabs,wavespeed', 'without a question']],
  doctor: [['doctor batch.yaml', 'versions, keys, hosts, network, disk, clock']],
  logs: [['logs keynote/de batch.yaml', 'every request and reply of one job']],
  limits: [
    ['limits batch.yaml', 'how full each lane is, and what it waits for'],
    ['limits wavespeed batch.yaml --concurrent 20', 'for a larger account, also while a run is at work'],
    ['limits wavespeed batch.yaml --reset', 'back to the manifest'],
  ],
  completion: [['completion bash >> ~/.bashrc', 'in every new bash']],
  schema: [['schema > manifest.schema.json', 'completion and hover texts in an editor']],
};

/** Names that the command line takes where a manifest could stand; for guessing what a misspelt one means. */
export const COMMAND_NAMES: readonly string[] = [...Object.keys(EXAMPLES), 'resume'];

export function examplesOf(command: string): readonly Example[] {
  return EXAMPLES[command] ?? [];
}

/** Puts each command's examples below its help. */
export function addExamples(program: Command): void {
  for (const command of program.commands) {
    const examples = examplesOf(command.name());
    if (examples.length === 0) continue;
    const width = Math.max(...examples.map(([call]) => call.length));
    const lines = examples.map(([call, what]) => `  localize ${call.padEnd(width)}  ${what}`);
    command.addHelpText('after', `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.join('\n')}`);
  }
}
