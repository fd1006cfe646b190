import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { folderWith } from './support/cli.js';

const LIBRARY = new URL('../dist/index.js', import.meta.url).href;
const BLANK_MB = 40;

/** Megabytes in use when the run has begun. */
const PROGRAM = `
import { runBatch } from ${JSON.stringify(LIBRARY)};
let usedMb = null;
const onEvent = ({ type }) => {
  if (type !== 'run:started') return;
  gc();
  usedMb = process.memoryUsage().heapUsed / 2 ** 20;
};
const { exit } = await runBatch('manifest.yaml', { onEvent });
process.stdout.write(JSON.stringify({ exit, usedMb }));
`;

test('a run lets go of the texts that it was planned from', { timeout: 60_000 }, async () => {
  const rows = 'video,lang,audio\n./media/safety.mp4,de,./media/audio/de/safety.mp3\n';
  const manifest =
    'version: 1\nbatch: wide\nemulate: true\ndefaults: { provider: eachlabs }\nvideos:\n  - csv: ./rows.csv\n';
  const blank = '\n'.repeat(BLANK_MB * 2 ** 20);
  const folder = folderWith({ 'manifest.yaml': manifest, 'rows.csv': rows + blank }, { media: true });
  const args = ['--expose-gc', '--input-type=module', '--eval', PROGRAM];
  const env = { PATH: process.env.PATH, HOME: folder };
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, env });
  const { exit, usedMb } = JSON.parse(stdout);
  expect(exit).toBe(0);
  expect(usedMb).toBeLessThan(BLANK_MB);
});
