import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';

const STATES = 50;
const START_MS = 1_500;
const STEP_MS = 20;

/** @returns what kept a process from opening many new states, each at its own instant. */
async function faultsOf(folder: string, fromMs: number): Promise<string[]> {
  const module = new URL('../dist/index.js', import.meta.url).href;
  const script = `import { openStore } from '${module}';
    const faults = [];
    for (let at = 0; at < ${STATES}; at += 1) {
      while (Date.now() < ${fromMs} + at * ${STEP_MS});
      try {
        openStore(${JSON.stringify(folder)} + '/' + at + '/.localize/state.db').close();
      } catch (error) {
        faults.push(error.message);
      }
    }
    console.log(JSON.stringify(faults));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  return JSON.parse(stdout) as string[];
}

it('lets two batches begin a new state at the same instant', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'at-once-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const fromMs = Date.now() + START_MS;
  expect(await Promise.all([faultsOf(folder, fromMs), faultsOf(folder, fromMs)])).toEqual([[], []]);
});
