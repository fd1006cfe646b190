import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const MODULE = new URL('../dist/infra/keep-heap-small.js', import.meta.url).href;

/**
 * What the young generation takes, in MB, of a process whose lists live for a while, as the jobs of a large batch do.
 * Begins with what a command has made by then.
 */
const PROGRAM = `
import { getHeapSpaceStatistics } from 'node:v8';
const youngMb = () => getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size / 2 ** 20;
const kept = [];
const work = (times) => {
  for (let turn = 0; turn < times; turn += 1) {
    kept.push(Array.from({ length: 1_000 }, (_, index) => ({ index })));
    if (kept.length > 200) kept.splice(0, 100);
  }
};
while (youngMb() < 6) work(10);
const before = youngMb();
if (process.argv[2] === 'small') (await import(process.argv[1])).keepHeapSmall();
work(5_000);
process.stdout.write(JSON.stringify([before, youngMb()]));
`;

async function youngBeforeAndAfter(mode: 'small' | 'usual'): Promise<[number, number]> {
  const args = ['--input-type=module', '--eval', PROGRAM, MODULE, mode];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as [number, number];
}

/** How much more than what is in use lay in memory at most, in percent, while much was made that lived for a while. */
const GARBAGE = `
const { keepHeapSmall, keepRunSmall, onRunEvent } = await import(process.argv[1]);
if (process.argv[2] === 'all') keepHeapSmall();
else keepRunSmall();
if (process.argv[2] === 'each') onRunEvent({ type: 'run:started' });
const list = () => Array.from({ length: 1_000 }, (_, index) => ({ index }));
const kept = Array.from({ length: 1_500 }, list);
const beforeMb = process.memoryUsage().heapUsed / 2 ** 20;
let mostMb = 0;
for (let turn = 0; turn < 8_000; turn += 1) {
  kept[turn % 300] = list();
  mostMb = Math.max(mostMb, process.memoryUsage().heapUsed / 2 ** 20);
}
process.stdout.write(String(100 * (mostMb / beforeMb - 1)));
`;

async function garbagePercent(mode: 'all' | 'each' | 'planned'): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--input-type=module',
    '--eval',
    GARBAGE,
    MODULE,
    mode,
  ]);
  return Number(stdout);
}

describe('the heap of a run', () => {
  it('has less garbage while all jobs are planned or reported than while they are carried out', async () => {
    expect(await garbagePercent('all')).toBeLessThan(30);
    expect(await garbagePercent('each')).toBeGreaterThan(35);
    expect(await garbagePercent('planned')).toBeLessThan(30);
  });

  it('has no more room for what is young than it had at its start', async () => {
    const [usualBefore, usual] = await youngBeforeAndAfter('usual');
    const [before, after] = await youngBeforeAndAfter('small');
    expect(usual).toBeGreaterThan(usualBefore);
    expect(after).toBeLessThanOrEqual(before);
  });
});
