import { startEmulator } from '@localize/emulator';
import xterm from '@xterm/headless';
import { expect, onTestFinished, test } from 'vitest';
import { broken } from '../src/output/fit-lines.js';
import { folderWith, localize, localizeInFrontOf, startLocalize, waitUntil } from './support/cli.js';
import { SMALL, smallAt } from './support/manifests.js';

const KEYS = { EACHLABS_API_KEY: 'sesame-each-4711', WAVESPEED_API_KEY: 'sesame-wave-4712' };
const BUDGET = 'budget: { max_usd: 50, languages: { fr: { max_usd: 0.02 } } }\n';

/** One job failed for good, one waits for money: there is a lot to say, and no run at work. */
async function troubled(): Promise<string> {
  const emulator = await startEmulator({
    dir: folderWith(),
    speed: 600,
    faults: [{ kind: 'fail-prediction', provider: 'eachlabs' }],
  });
  onTestFinished(() => emulator.close());
  const { eachlabs, wavespeed } = emulator.endpoints;
  const text = `${smallAt({ eachlabs: eachlabs.baseUrl, wavespeed: wavespeed.baseUrl })}${BUDGET}`;
  const folder = folderWith({ 'manifest.yaml': text }, { media: true });
  expect((await localize(folder, ['-q'], KEYS)).exit).toBe(3);
  return folder;
}

/** What stands on a terminal of that size while a batch is watched. */
async function watched(cwd: string, columns: number, rows: number) {
  const window = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true });
  const stop = new AbortController();
  let drawn = '';
  const write = (text: string) => {
    drawn += text;
    window.write(text);
  };
  const sink = { write, isTerminal: true, columns, rows };
  const ended = localizeInFrontOf(sink, { cwd, args: ['status', '--watch'], stop: stop.signal });
  await waitUntil(
    () => drawn.includes('\u001b[?2026l'),
    () => drawn,
  );
  stop.abort();
  expect(await ended).toBe(130);
  await new Promise<void>((resolve) => window.write('', resolve));
  const { active } = window.buffer;
  const lines = Array.from({ length: active.length }, (_, row) => active.getLine(row));
  expect(lines.filter((line) => line?.isWrapped)).toEqual([]);
  return lines.map((line) => line?.translateToString(true) ?? '');
}

const words = (text: string) => text.slice(text.indexOf('small: ')).trim().split(/\s+/);

test('status --watch breaks no line at 80 and at 40 columns, and cuts nothing that is to be known', {
  timeout: 90_000,
}, async () => {
  const folder = await troubled();
  const whole = (await localize(folder, ['status', '-q'])).stdout;
  for (const said of ['localize retry manifest.yaml', 'budget.languages.fr.max_usd']) expect(whole).toContain(said);
  for (const columns of [80, 40]) {
    const lines = await watched(folder, columns, 60);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(columns);
    expect(lines.slice(0, 3)).toEqual([
      'Lanes',
      expect.stringMatching(/^ {2}eachlabs .*\S$/),
      expect.stringMatching(/^ {2}wavespeed .* 1 to go.*\S$/),
    ]);
    expect(words(lines.join('\n'))).toEqual(words(whole));
  }
});

test('status --watch in a low window shows the beginning, and says how much more there is', {
  timeout: 90_000,
}, async () => {
  const folder = await troubled();
  const lines = (await watched(folder, 60, 12)).filter((line) => line !== '');
  expect(lines[0]).toBe('Lanes');
  expect(lines.some((line) => line.startsWith('small: '))).toBe(true);
  expect(lines.at(-1)).toMatch(/^… \d+ more lines: localize status manifest\.yaml$/);
});

test('status --watch ends when nobody reads it any more', { timeout: 90_000 }, async () => {
  const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
  const { child, finished } = startLocalize(folder, ['status', '--watch', '--json']);
  child.stdout?.destroy();
  expect(await finished).toMatchObject({ exit: 0, stderr: '' });
});

test.each([
  ['  one two three four', 10, ['  one two', '     three', '     four']],
  ['a-very-long-word-indeed', 10, ['a-very-lon', '    g-word', '    -indee', '    d']],
  ['exactly it', 10, ['exactly it']],
  ['日本語 日本語 日本語', 10, ['日本語', '    日本語', '    日本語']],
  ['', 10, ['']],
])('%j is broken at %d columns', (line, columns, lines) => {
  expect(broken(line, columns)).toEqual(lines);
});
