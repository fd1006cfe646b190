import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import xterm from '@xterm/headless';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createLiveScreen } from '../src/output/live-screen.js';
import { folderWith, localize, waitUntil } from './support/cli.js';
import { HOLDER_KEYS, SMALL, serveSlowly, smallAt } from './support/manifests.js';
import { hasTerminal, localizeOnTerminal, shellOnTerminal } from './support/terminal.js';

/** Enough jobs on two providers to see something go on. */
const SOME = `${SMALL}${Array.from(
  { length: 4 },
  (_, index) => `  - id: talk${index}
    source: ./media/safety.mp4
    tracks: { de: { audio: ./media/audio/de/safety.mp3, provider: eachlabs } }
`,
).join('')}`;

/** The cursor is hidden, a line taken away, the cursor moved up. */
const MOVES = ['\u001b[?25l', '\u001b[2K', '\u001b[1A'];

const isBar = (line: string) => / of 6 done/.test(line);

describe.runIf(hasTerminal())('a run on a terminal', { timeout: 120_000 }, () => {
  test('shows one line a lane and one bar, above which lines stay, and leaves only the summary', async () => {
    const folder = folderWith({ 'manifest.yaml': SOME }, { media: true });
    const screens: string[][] = [];
    const run = localizeOnTerminal(folder, ['--verbose'], { columns: 140, onDraw: (screen) => screens.push(screen) });
    expect(await run.finished).toBe(0);

    expect(Math.max(...screens.map((screen) => screen.filter(isBar).length))).toBe(1);
    const full = screens.filter((screen) => screen.some(isBar)).map((screen) => screen.slice(-3));
    const shown = full.find((lines) => lines[0]?.includes('EACHLABS') && lines[1]?.includes('WAVESPEED'));
    expect(shown?.[0]).toMatch(/^ {2}eachlabs {3}EACHLABS_API_KEY +\d of 10 open {2}\d+ of 100 creates left per 1m/);
    expect(shown?.[2]).toMatch(/^ {2}[█░]{24} \d of 6 done · .*\$\d\.\d\d simulated/);
    expect(full.some((lines) => / · (about \d+s left|any moment)$/.test(lines[2] ?? ''))).toBe(true);
    const last = run.screen();
    expect(last.filter(isBar)).toEqual([]);
    expect(last.join('\n')).toContain('safety/de pending -> staging');
    expect(last.join('\n')).toContain('6 succeeded · 0 failed');
    // The cursor is given back, and each frame is drawn at once where the terminal can.
    expect(run.written().lastIndexOf('\u001b[?25h')).toBeGreaterThan(run.written().lastIndexOf('\u001b[?25l'));
    expect(run.written().split('\u001b[?2026h').length).toBe(run.written().split('\u001b[?2026l').length);
  });

  test('stops in order when its window is closed, and the next run goes on', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    const run = localizeOnTerminal(folder, ['--verbose']);
    await waitUntil(
      () => run.written().includes(': accepted'),
      () => run.written(),
    );
    run.close();
    // Node would abort, as it does where a terminal is gone that it wants to give back.
    expect(await run.finished).toBe(130);
    expect((await localize(folder, ['manifest.yaml'])).exit).toBe(0);
    const status = JSON.parse((await localize(folder, ['status', '--json'])).stdout);
    expect(status.jobs.map((job: { attempts: unknown[] }) => job.attempts.length)).toEqual([1, 1]);
  });

  test('shows how far a look at media files is, and leaves nothing of that behind', async () => {
    const waiting: Socket[] = [];
    const server = createServer((socket) => void waiting.push(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const slow = SMALL.replace('fr: { audio: ./media/audio/fr/safety.mp3', `fr: { audio: "https://${host}/fr.mp3"`);
    const folder = folderWith({ 'manifest.yaml': slow }, { media: true });
    const screens: string[][] = [];
    const bar = `  ${'█'.repeat(16)}${'░'.repeat(8)} 2 of 3 media files looked at · now at ${host}`;
    const onDraw = (screen: string[]) => {
      screens.push(screen);
      if (screen.includes(bar)) for (const socket of waiting.splice(0)) socket.destroy();
    };
    const looking = localizeOnTerminal(folder, ['validate'], { columns: 140, onDraw });
    expect(await looking.finished).toBe(2);
    expect(screens.some((screen) => screen.includes(bar))).toBe(true);
    expect(looking.screen().filter((line) => / looked at · now/.test(line))).toEqual([]);
    expect(looking.screen().join('\n')).toContain(host);
    expect(looking.written().lastIndexOf('\u001b[?25h')).toBeGreaterThan(looking.written().lastIndexOf('\u001b[?25l'));
  });

  test('is right again after the window got narrower, and after it got wider', async () => {
    const folder = folderWith({}, { media: true });
    // It goes on until it is stopped, however long the windows take.
    await serveSlowly(folder);
    const run = localizeOnTerminal(folder, [], { columns: 120, variables: HOLDER_KEYS });
    const frame = () => run.screen().filter((line) => /of 2 done| open /.test(line));
    const isWhole = (columns: number) => {
      const lines = frame();
      return lines.length === 3 && / of 2 done/.test(lines[2] ?? '') && lines.every((line) => line.length < columns);
    };
    const settles = (columns: number) =>
      waitUntil(
        () => isWhole(columns),
        () => run.screen().join('\n'),
      );
    await settles(120);
    // What is written while the window changes may wrap otherwise than this process can know: nothing moves any more.
    await waitUntil(
      () => / 1 of 10 open .*\n.* 1 of 3 open /.test(run.screen().join('\n')),
      () => run.screen().join('\n'),
    );
    run.resize(50, 30);
    await settles(50);
    run.resize(160, 30);
    await settles(160);
    run.type('\u0003');
    expect(await run.finished).toBe(130);
    expect(frame()).toEqual([]);
  });

  test('draws each lane once on a terminal that is lower than what moves, and leaves nothing behind', async () => {
    const folder = folderWith({ 'manifest.yaml': SOME }, { media: true });
    const screens: string[][] = [];
    const third =
      '  - { id: more, source: ./media/safety.mp4, tracks: { de: { audio: ./media/audio/de/safety.mp3, provider: vibedream } } }\n';
    writeFileSync(join(folder, 'manifest.yaml'), SOME + third);
    const run = localizeOnTerminal(folder, [], { columns: 140, rows: 4, onDraw: (screen) => screens.push(screen) });
    expect(await run.finished).toBe(0);
    const drawn = (name: string) => screens.map((screen) => screen.filter((line) => line.includes(name)).length);
    expect(['EACHLABS', 'WAVESPEED', 'VIBEDREAM'].map((name) => Math.max(...drawn(`${name}_API_KEY`)))).toEqual([
      0, 1, 1,
    ]);
    expect(run.screen().filter((line) => /of 7 done| open /.test(line))).toEqual([]);
  });

  test('says lines in a window of three rows, draws while it is higher, and watches a batch in the same way', async () => {
    const folder = folderWith({}, { media: true });
    await serveSlowly(folder);
    const screens: string[][] = [];
    const options = { columns: 140, rows: 3, variables: HOLDER_KEYS };
    const run = localizeOnTerminal(folder, ['--verbose'], { ...options, onDraw: (screen) => screens.push(screen) });
    const shows = (text: RegExp) =>
      waitUntil(
        () => screens.at(-1)?.some((line) => text.test(line)) === true,
        () => run.screen().join('\n'),
      );
    await shows(/^\d\d:\d\d:\d\d small: 2 jobs, 0 of them done before/);
    await waitUntil(
      () => run.written().split(': accepted').length === 3,
      () => run.written(),
    );
    for (const moves of MOVES) expect(run.written()).not.toContain(moves);
    run.resize(140, 20);
    await shows(/ 2 running/);
    const higher = run.written().length;
    run.resize(140, 3);
    const saysLine = (from: number) =>
      waitUntil(
        () => /\d\d:\d\d:\d\d safety/.test(run.written().slice(from)),
        () => run.written().slice(from),
      );
    const CURSOR_IS_BACK = '\u001b[?25h';
    await waitUntil(
      () => run.written().indexOf(CURSOR_IS_BACK, higher) > 0,
      () => run.written().slice(higher),
    );
    const calm = run.written().indexOf(CURSOR_IS_BACK, higher) + CURSOR_IS_BACK.length;
    await saysLine(calm);
    for (const moves of MOVES) expect(run.written().slice(calm)).not.toContain(moves);
    const watch = localizeOnTerminal(folder, ['status', '--watch'], options);
    await waitUntil(
      () => watch.written().includes('2 running'),
      () => watch.written(),
    );
    watch.type('\u0003');
    expect(await watch.finished).toBe(130);
    for (const moves of MOVES) expect(watch.written()).not.toContain(moves);
    run.type('\u0003');
    expect(await run.finished).toBe(130);
  });

  test('shows nothing of what is typed, and stops and goes on as a shell expects it', async () => {
    const folder = folderWith({}, { media: true });
    await serveSlowly(folder);
    const screens: string[][] = [];
    const onDraw = (screen: string[]) => screens.push(screen);
    const shell = shellOnTerminal(folder, { columns: 140, rows: 40, variables: HOLDER_KEYS, onDraw });
    const shows = (text: RegExp) =>
      waitUntil(
        () => screens.at(-1)?.some((line) => text.test(line)) === true,
        () => shell.screen().join('\n'),
      );
    const settles = () => shows(/ [12] running/);
    /** The next frames, in which nothing is seen that a key has moved. */
    const goesOn = async () => {
      const first = screens.length;
      const isThere = (text: RegExp, from: number) =>
        screens
          .slice(from)
          .flat()
          .some((line) => text.test(line));
      await waitUntil(
        () => screens.length > first + 4,
        () => shell.screen().join('\n'),
      );
      const lanes = screens.slice(first).map((screen) => screen.filter((line) => / of 10 open /.test(line)).length);
      expect([Math.max(...lanes), isThere(/typed/, first)]).toEqual([1, false]);
    };
    shell.type('localize run\r');
    await settles();
    shell.type('\r\r\rtyped');
    await goesOn();

    shell.type('\u0015\u001a');
    await shows(/Stopped/);
    expect(shell.screen().filter((line) => / of 10 open /.test(line))).toEqual([]);
    shell.type('stty -a\r');
    await shows(/ echo /);
    shell.type('clear; fg\r');
    await settles();
    shell.type('\r\r\rtyped');
    await goesOn();
    shell.type('\u0015\u0003');
    await shows(/To go on: localize manifest/);
    shell.type('code=$?; clear; echo now $code\r');
    await shows(/^now 130$/);

    shell.type('clear; localize status --watch\r');
    await shows(/2 running/);
    const drawn = shell.written().length;
    shell.type('typed\u0015\u0003');
    shell.type('code=$?; clear; echo watched $code\r');
    await shows(/^watched 130$/);
    expect(shell.written().slice(drawn)).not.toContain('typed');

    // Ctrl-\\ ends it at once, and leaves the terminal as it was.
    shell.type('ulimit -c 0; clear; localize run\r');
    await settles();
    shell.type('\u001c');
    await shows(/Quit/);
    shell.type('stty -a\r');
    await shows(/ echo /);

    // In the background a run draws nothing, and leaves the terminal as the shell has set it, or it would be stopped.
    shell.type('clear; localize run </dev/null &\r');
    await shows(/small: 2 jobs, 0 of them done before/);
    const quiet = shell.written().length;
    shell.type('echo un""seen\r');
    await shows(/^unseen$/);
    for (const moves of MOVES) expect(shell.written().slice(quiet)).not.toContain(moves);
    shell.type('kill -INT %1; wait %1; code=$?; clear; echo gone $code\r');
    await shows(/^gone 130$/);
    shell.type('clear; localize run &\r');
    await shows(/small: 2 jobs, 0 of them done before/);
    shell.type('echo in ba""ck\r');
    await shows(/^in back$/);
    expect(shell.screen().filter((line) => / of 10 open /.test(line))).toEqual([]);
    shell.type('clear; fg\r');
    await settles();
    shell.type('\r\r\rtyped');
    await goesOn();
    shell.type('\u0015\u0003');
    await shows(/To go on: localize manifest/);
    shell.type('exit 0\r');
    expect(await shell.finished).toBe(0);
  });

  test('has no colours with NO_COLOR, and nothing that moves on a dumb terminal or with --quiet', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    const plain = localizeOnTerminal(folder, ['--lang', 'de'], { variables: { NO_COLOR: '1' } });
    expect(await plain.finished).toBe(0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for
    expect(plain.written().match(/\u001b\[[\d;]*m/g)).toBeNull();
    const dumb = localizeOnTerminal(folder, ['--lang', 'fr'], { variables: { TERM: 'dumb', NO_COLOR: '1' } });
    expect([await dumb.finished, dumb.written().includes('\u001b')]).toEqual([0, false]);
    expect(dumb.written()).toMatch(/\d\d:\d\d:\d\d small: 1 job, 0 of them done before/);
    const quiet = localizeOnTerminal(folder, ['--quiet'], { variables: { NO_COLOR: '1' } });
    expect([await quiet.finished, quiet.written().includes('\u001b')]).toEqual([0, false]);
    expect(quiet.written()).toMatch(/^small: All 2 videos are done\.\r\n/);
  });
});

test('what moves is whole again at its next change after a key was typed', async () => {
  const window = new xterm.Terminal({ cols: 40, rows: 8, allowProposedApi: true, convertEol: true });
  const chunks: string[] = [];
  const write = (text: string) => {
    chunks.push(text);
    window.write(text);
  };
  const screen = createLiveScreen({ write, isTerminal: true, columns: 40, rows: 8 });
  const shown = async () => {
    await new Promise<void>((resolve) => window.write('', resolve));
    const rows = Array.from({ length: 8 }, (_, row) => window.buffer.active.getLine(row)?.translateToString(true));
    return rows.join('\n').trimEnd().split('\n');
  };
  screen.draw(['one: 3 open', 'two: 2 open', 'bar: 5m left']);
  window.write('\n');
  screen.draw(['one: 3 open', 'two: 1 open', 'bar: 5m left']);
  expect((await shown()).slice(-3)).toEqual(['one: 3 open', 'two: 1 open', 'bar: 5m left']);
  screen.draw(['one: 3 open', 'two: 1 open', 'bar: 5m left']);
  screen.draw(['one: 2 open', 'two: 1 open', 'bar: 4m left']);
  expect((await shown()).slice(-3)).toEqual(['one: 2 open', 'two: 1 open', 'bar: 4m left']);
  // Each frame is one write, cleared and drawn within one update of the terminal; what is the same is not drawn.
  const frames = chunks.filter((text) => text.includes('bar:'));
  expect([frames.length, chunks.length]).toEqual([3, 3]);
  expect(frames.map((text) => text.split('\u001b[?2026h').length - 1)).toEqual([1, 1, 1]);
});

describe.runIf(hasTerminal())('the question before money is spent', { timeout: 120_000 }, () => {
  const asking = () => {
    const text = smallAt({ eachlabs: 'https://api.eachlabs.ai/v1', wavespeed: 'https://api.wavespeed.ai/api/v3' });
    const manifest = text.replace('providers:', 'budget: { confirm_above_usd: 0.01 }\nproviders:');
    const folder = folderWith({ 'manifest.yaml': manifest }, { media: true });
    return localizeOnTerminal(folder, [], { variables: HOLDER_KEYS });
  };
  const isAsked = (run: ReturnType<typeof asking>) =>
    waitUntil(
      () => run.screen().some((line) => line.includes('Buy? [y/N]')),
      () => run.written(),
    );

  test.each([
    ['Ctrl-C is an interrupt', '\u0003', 130],
    ['Ctrl-D is a no', '\u0004', 3],
    ['n is a no', 'n\r', 3],
  ])('%s', async (_, typed, exit) => {
    const run = asking();
    await isAsked(run);
    run.type(typed);
    expect(await run.finished).toBe(exit);
  });
});
