import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { isAtWork, takeBatchLock } from '../src/store/open/batch-lock.js';

const LOOKS = 400;
const HOLDER = { pid: 1, host: 'h', since: 'now' };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** @returns what another process saw that looked many times. */
async function looks(path: string): Promise<boolean[]> {
  const module = new URL('../dist/store/open/batch-lock.js', import.meta.url).href;
  const script = `import { isAtWork } from '${module}';
    const seen = new Set();
    for (let at = 0; at < ${LOOKS}; at += 1) seen.add(isAtWork(${JSON.stringify(path)}, 'autumn'));
    console.log(JSON.stringify([...seen]));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  return JSON.parse(stdout) as boolean[];
}

it('does not take others who look at a batch for its holder', async () => {
  const path = join(folder, 'state.db');
  expect(isAtWork(path, 'autumn')).toBe(false);
  takeBatchLock(path, 'autumn', HOLDER).release();
  expect(await Promise.all([looks(path), looks(path), looks(path)])).toEqual([[false], [false], [false]]);
});

it('sees a holder from every process, and lets it take the batch while others look', async () => {
  const path = join(folder, 'state.db');
  takeBatchLock(path, 'autumn', HOLDER).release();
  const others = Promise.all([looks(path), looks(path)]);
  const lock = takeBatchLock(path, 'autumn', HOLDER);
  expect(isAtWork(path, 'autumn')).toBe(true);
  expect(await looks(path)).toEqual([true]);
  await others;
  lock.release();
});
