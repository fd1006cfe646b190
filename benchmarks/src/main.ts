import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Family } from './families/family.js';
import { halfDone } from './families/half-done.js';
import { makespan } from './families/makespan.js';
import { media } from './families/media.js';
import { overhead } from './families/overhead.js';
import { promises } from './families/promises.js';
import { reportPage } from './families/report-page.js';
import { size } from './families/size.js';
import { startUp } from './families/start-up.js';
import { RESULTS } from './paths.js';
import { describeMachine } from './results/machine.js';
import { withSection } from './results/results-file.js';

const FAMILIES: readonly Family[] = [halfDone, makespan, media, overhead, promises, reportPage, size, startUp];

const USAGE = `usage: npm run bench [-- [family...] [--rounds N] [--most N] [--quick] [--dry]]
  families: ${FAMILIES.map(({ name }) => name).join(', ')} (default: all)
  --rounds N  every figure is the median of N (default 3)
  --most N    leave out batches of more jobs than N, where sizes are measured
  --finished N  resume a finished batch of up to N jobs (default 100000; a million takes many minutes)
  --quick     small counts, to see that all of it works
  --dry       print the figures without writing them to benchmarks/RESULTS.md`;

/** `npm run bench`: measures, prints, and writes each family's section of the results. */
async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '3' },
      most: { type: 'string', default: 'Infinity' },
      finished: { type: 'string', default: '100000' },
      quick: { type: 'boolean', default: false },
      dry: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const unknown = positionals.filter((name) => !FAMILIES.some((family) => family.name === name));
  const rounds = Number(values.rounds);
  const mostJobs = Number(values.most);
  const mostFinished = Number(values.finished);
  if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1 || !(mostJobs > 0) || !(mostFinished > 0)) {
    throw new UsageError();
  }
  const chosen = FAMILIES.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  for (const family of chosen) {
    const say = (line: string) => process.stderr.write(`${line}\n`);
    const section = await family.measure({ rounds, quick: values.quick, mostJobs, mostFinished, say });
    const lines = [...section.lines, '', `Medians of ${rounds}. ${describeMachine(new Date())}.`];
    process.stdout.write(`\n${section.title}\n${lines.join('\n')}\n`);
    if (values.dry || values.quick) continue;
    const document = existsSync(RESULTS) ? readFileSync(RESULTS, 'utf8') : '# Benchmarks\n';
    writeFileSync(RESULTS, withSection(document, family.name, { ...section, lines }));
  }
}

class UsageError extends Error {}

await main(process.argv.slice(2)).catch((error: unknown) => {
  const isUsage = error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS');
  process.stderr.write(`${isUsage ? USAGE : String((error as Error).stack ?? error)}\n`);
  process.exitCode = isUsage ? 2 : 1;
});
