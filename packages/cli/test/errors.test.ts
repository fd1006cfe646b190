import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { printError } from '../src/errors/print-error.js';
import { createPaint } from '../src/output/paint.js';
import { BIN, folderWith, localize, startLocalize } from './support/cli.js';
import { SMALL, startHolder } from './support/manifests.js';

/** Tracks that are much shorter than their video. */
function longTracks(count: number): string {
  const ids = Array.from({ length: count }, (_, index) => `v${String(index).padStart(2, '0')}`);
  const video = (id: string) =>
    `  - { id: ${id}, source: ./media/safety.mp4, duration: 30s, tracks: { de: ./media/audio/de/safety.mp3 } }\n`;
  return `version: 1\nbatch: long\nemulate: true\ndefaults: { provider: wavespeed }\nvideos:\n${ids.map(video).join('')}`;
}

describe('a text that is not UTF-8', () => {
  const latin1 = (text: string) => Buffer.from(text, 'latin1');

  test('is a mistake with its place, before a damaged prompt is paid for', async () => {
    const folder = folderWith({}, { media: true });
    const text = SMALL.replace('videos:', 'defaults: { prompt: Bitte über Größe }\nvideos:');
    writeFileSync(join(folder, 'manifest.yaml'), latin1(text));
    const { exit, stderr } = await localize(folder, ['validate']);
    expect([exit, stderr]).toEqual([
      2,
      expect.stringContaining('manifest.yaml:4:27: the file is not UTF-8: here is the byte 0xfc'),
    ]);
    expect(stderr).toContain(
      '[ENCODING]\n  4 | defaults: { prompt: Bitte �ber Gr��e }\n    |                           ^\n',
    );
    expect(stderr).toContain('1 mistake\n');
    writeFileSync(join(folder, 'manifest.yaml'), text);
    expect((await localize(folder, ['validate'])).exit).toBe(0);
  });

  test('is told by its name when it is UTF-16, with a mark and without', async () => {
    const folder = folderWith({}, { media: true });
    for (const mark of ['\ufeff', '']) {
      writeFileSync(join(folder, 'manifest.yaml'), Buffer.from(mark + SMALL, 'utf16le'));
      const { exit, stderr } = await localize(folder, ['validate']);
      expect([exit, stderr]).toEqual([2, expect.stringContaining('manifest.yaml:1:1: the file is UTF-16')]);
      expect(stderr).toContain('1 mistake\n');
    }
  });

  test('is no text at all: said once, without showing or reading the rest', async () => {
    const folder = folderWith({}, { media: true });
    cpSync(join(folder, 'media/safety.mp4'), join(folder, 'keynote.yaml'));
    writeFileSync(join(folder, 'noise.yaml'), Buffer.from(Array.from({ length: 4_000 }, (_, at) => (at * 7919) % 251)));
    for (const [name, what] of [
      ['keynote.yaml', 'the file is a picture, a sound or a video'],
      ['noise.yaml', 'the file is no text'],
    ]) {
      const { exit, stderr } = await localize(folder, ['validate', `${name}`]);
      expect([exit, stderr]).toEqual([2, expect.stringContaining(`${name}:1:1: ${what} (a text file in UTF-8`)]);
      expect(stderr).toContain('1 mistake\n');
      expect(stderr.length).toBeLessThan(1_000);
    }
  });

  test('is a mistake in a CSV file too', async () => {
    const manifest = 'version: 1\nbatch: b\nemulate: true\nvideos:\n  - csv: ./rows.csv\n';
    const folder = folderWith({ 'manifest.yaml': manifest }, { media: true });
    const rows = 'video,lang,audio,prompt\n./media/safety.mp4,de,./media/audio/de/safety.mp3,Größe\n';
    writeFileSync(join(folder, 'rows.csv'), latin1(rows));
    const { exit, stderr } = await localize(folder, ['validate']);
    expect([exit, stderr]).toEqual([2, expect.stringContaining('rows.csv:2:53: the file is not UTF-8')]);
    writeFileSync(join(folder, 'rows.csv'), rows);
    expect((await localize(folder, ['validate'])).exit).toBe(0);
  });
});

describe('warnings', () => {
  test('are not printed with --quiet, and only the first of many without --verbose', async () => {
    const folder = folderWith({ 'manifest.yaml': longTracks(12) }, { media: true });
    const frames = (text: string) => text.match(/\[LENGTH_DIFFERS\]/g)?.length ?? 0;
    for (const command of ['validate', 'plan']) {
      const plain = await localize(folder, [command]);
      expect([command, plain.exit, frames(plain.stderr)]).toEqual([command, 0, 10]);
      // One line each.
      expect(plain.stderr.split('\n')).toHaveLength(13);
      const all = 'localize validate manifest.yaml --verbose shows them all';
      expect(plain.stderr).toContain(`12 warnings; 2 of them not shown: ${all}\n`);
      expect(frames((await localize(folder, [command, '--verbose'])).stderr)).toBe(12);
      expect((await localize(folder, [command, '--quiet'])).stderr).toBe('');
    }
  });

  test('of another kind are not lost among many alike, and --json has all of both', async () => {
    const other =
      '  - { id: late, source: ./media/safety.mp4, tracks: { de: { audio: ./media/audio/de/safety.mp3, duration: 3s } } }\n';
    const folder = folderWith({ 'manifest.yaml': longTracks(12) + other }, { media: true });
    const { stderr } = await localize(folder, ['validate']);
    expect(stderr).toMatch(/duration is stated as 3 s.*\[LENGTH_UNDERSTATED\]\n +\d+ \|/);
    const { stdout, stderr: nothing } = await localize(folder, ['validate', '--json']);
    const { valid, issues } = JSON.parse(stdout);
    const of = (code: string) => issues.filter((issue: { code: string }) => issue.code === code).length;
    expect([valid, of('LENGTH_DIFFERS') >= 12, of('LENGTH_UNDERSTATED'), nothing]).toEqual([true, true, 1, '']);
  });

  test('are only about the jobs that a command is about', async () => {
    const folder = folderWith({ 'manifest.yaml': longTracks(3) }, { media: true });
    const { stderr } = await localize(folder, ['plan', '--only', 'v01/*']);
    expect(stderr).toContain('the track of v01/de is');
    expect(stderr).not.toMatch(/v00|v02/);
    const typo = await localize(folder, ['plan', '--only', 'v9/*']);
    expect([typo.exit, typo.stderr]).toEqual([2, expect.stringMatching(/^error \[JOB_UNKNOWN\]/)]);
  });

  test('are one record each in a log, with code and place', async () => {
    const folder = folderWith({ 'manifest.yaml': longTracks(2) }, { media: true });
    const { stderr } = await localize(folder, ['run', '--dry-run', '--log-format', 'json']);
    const records = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(records.map(({ event }) => event)).toEqual(['manifest:issue', 'manifest:issue']);
    expect(records[0]).toMatchObject({
      level: 'warn',
      code: 'LENGTH_DIFFERS',
      file: 'manifest.yaml',
      line: 6,
      job: 'v00/de',
    });
  });
});

test('of very many mistakes the first are shown and all are counted; --json has them all', async () => {
  const keys = Array.from({ length: 150 }, (_, index) => `x${index}: 1`).join('\n');
  const folder = folderWith({ 'manifest.yaml': `${SMALL}${keys}\n` }, { media: true });
  const { exit, stdout, stderr } = await localize(folder, ['plan', '--json']);
  expect([exit, stderr.match(/\[UNKNOWN_KEY\]/g)?.length]).toEqual([2, 100]);
  expect(stderr).toContain('150 mistakes; 50 of them not shown: --json lists them all\n');
  expect(JSON.parse(stdout).issues).toHaveLength(150);
});

describe('a path that leads to no manifest', () => {
  test('says so where links lead in a circle, where a pipe would block, and where it is empty', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    symlinkSync('two.yaml', join(folder, 'one.yaml'));
    symlinkSync('one.yaml', join(folder, 'two.yaml'));
    execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
    const said = async (path: string) => {
      const { exit, stderr } = await localize(folder, ['validate', path]);
      expect(exit).toBe(2);
      return stderr.split('\n')[0];
    };
    expect(await said('one.yaml')).toBe(
      'error [MANIFEST_UNREADABLE] one.yaml cannot be read: its links lead in a circle',
    );
    expect(await said('e\u001b[31mX.yaml')).toBe('error [MANIFEST_MISSING] there is no file e [31mX.yaml');
    expect(await said('pipe.yaml')).toBe('error [MANIFEST_UNREADABLE] pipe.yaml is no regular file but a pipe');
    expect(await said('/dev/zero')).toBe(
      'error [MANIFEST_UNREADABLE] /dev/zero is no regular file but a device or socket',
    );
    expect(await said('')).toBe('error [USAGE] the manifest’s path is empty');
  });
});

test('media that are a folder or a pipe are named, and nothing waits for them', async () => {
  const folder = folderWith({}, { media: true });
  execFileSync('mkfifo', [join(folder, 'pipe.mp3')]);
  const text = SMALL.replace('./media/safety.mp4', './media').replace('./media/audio/fr/safety.mp3', './pipe.mp3');
  writeFileSync(join(folder, 'manifest.yaml'), text);
  const { exit, stderr } = await localize(folder, ['validate']);
  expect(exit).toBe(2);
  const what = `${join(folder, 'media')} is a folder where a media file must be`;
  const wanted = 'a video in it, or `from: ./media/*.mp4` instead of `source` for all of them';
  expect(stderr).toContain(`${what} (${wanted}) [MEDIA]`);
  expect(stderr).toContain(`${join(folder, 'pipe.mp3')} is not a file [MEDIA]`);
});

test('a folder that is named for the state is said to be one', async () => {
  const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
  // On the emulator a state has a file of its own.
  mkdirSync(join(folder, 'kept.emulated'));
  for (const command of ['plan', 'status', 'run']) {
    const { exit, stderr } = await localize(folder, [command, '--state', 'kept']);
    const what = `the state database cannot be used: ${join(folder, 'kept.emulated')} is a folder, not a file`;
    expect([exit, stderr]).toEqual([4, `error [STATE_UNUSABLE] ${what}\n  hint name a file with --state\n`]);
  }
});

describe('what the parser of arguments refuses', () => {
  test.each([
    [
      ['plan', '--onyl', 'a/de'],
      "unknown option '--onyl'",
      'did you mean --only? localize plan --help lists what it takes',
    ],
    [['settle'], "missing required argument 'key'", 'localize status names the jobs whose create has to be settled'],
    [['logs'], "missing required argument 'job'", 'localize logs --help lists what it takes'],
    [['run', 'a.yaml', 'b.yaml'], 'too many arguments', 'localize run --help lists what it takes'],
    [['runn', 'a.yaml'], 'there is no command runn', 'did you mean localize run? localize --help lists the commands'],
    [['plan', '--only'], "option '--only <globs>' argument missing", 'localize plan --help lists what it takes'],
  ])('%j has the code USAGE and a hint', async (args, what, hint) => {
    const { exit, stdout, stderr } = await localize(folderWith(), args);
    expect([exit, stdout]).toEqual([2, '']);
    const [said, hinted, rest] = stderr.split('\n');
    expect(said).toMatch(/^error \[USAGE\] [a-z]/);
    expect(said).toContain(what);
    expect([hinted, rest]).toEqual([`  hint ${hint}`, '']);
  });
});

describe('with --json an error is one object on standard output', () => {
  const parsed = (stdout: string) => JSON.parse(stdout) as Record<string, unknown>;

  test('for arguments, a missing manifest and mistakes in one', async () => {
    const folder = folderWith({ 'bad.yaml': SMALL.replace('batch:', 'btach:') }, { media: true });
    const usage = await localize(folder, ['plan', '--json', '--onyl', 'x']);
    expect(parsed(usage.stdout)).toMatchObject({ type: 'error', code: 'USAGE', exit: 2 });
    const missing = await localize(folder, ['status', 'gone.yaml', '--json']);
    expect(parsed(missing.stdout)).toEqual({
      type: 'error',
      code: 'MANIFEST_MISSING',
      message: 'there is no file gone.yaml',
      mend: expect.stringContaining('check the path'),
      exit: 2,
    });
    const invalid = await localize(folder, ['run', 'bad.yaml', '--json']);
    expect(parsed(invalid.stdout)).toMatchObject({
      code: 'MANIFEST_INVALID',
      exit: 2,
      issues: [{ code: 'UNKNOWN_KEY', line: 2, column: 1 }],
    });
    expect([invalid.exit, invalid.stderr]).toEqual([2, expect.stringContaining('bad.yaml:2:1: `btach` is unknown')]);
  });

  test('for a batch that another run holds', async () => {
    const folder = folderWith({}, { media: true });
    await startHolder(folder);
    const { exit, stdout } = await localize(folder, ['run', '--json', '--yes'], {
      EACHLABS_API_KEY: 'sesame-each-4711',
      WAVESPEED_API_KEY: 'sesame-wave-4712',
    });
    expect([exit, parsed(stdout)]).toEqual([5, expect.objectContaining({ code: 'BATCH_LOCKED', exit: 5 })]);
  });
});

describe('the emulator', () => {
  test.each([
    [['--port', '99999'], 2, 'USAGE', '--port takes a port from 0 to 65535, not 99999'],
    [['--port', '1.5'], 2, 'USAGE', '--port takes a port from 0 to 65535, not 1.5'],
    [['--speed', '0'], 2, 'USAGE', '--speed takes a factor above 0, not 0'],
    [['--hostname', '192.0.2.1'], 2, 'USAGE', 'nothing can listen there: listen EADDRNOTAVAIL'],
    [['--dir', '/proc/nowhere'], 4, 'OUTPUT_UNWRITABLE', 'the emulator’s folder cannot be made: E'],
  ])('refuses %j without a stack', async (args, code, name, what) => {
    const { exit, stderr } = await localize(folderWith(), ['emulate', ...args]);
    expect([exit, stderr]).toEqual([code, expect.stringContaining(`error [${name}] ${what}`)]);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });
});

test('a fault of our own has its code and its words, and its stack with --verbose alone', () => {
  const said = (verbose: boolean) => {
    let text = '';
    const err = { write: (more: string) => (text += more), isTerminal: false, columns: 80, rows: 24 };
    expect(printError(new Error('no such thing'), { err }, { paint: createPaint(false), verbose })).toBe(4);
    return text;
  };
  expect(said(false)).toMatch(/^error \[INTERNAL\] no such thing\n {2}hint .*--verbose.*\n$/);
  expect(said(true)).toMatch(/^ {4}at /m);
});

describe('commands that are printed', () => {
  /** A clone’s launcher, as far as its name goes. */
  function clone() {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    symlinkSync(BIN, join(folder, 'localize'));
    return folder;
  }
  const run = (folder: string, args: readonly string[], path = '') =>
    startLocalize(folder, args, { PATH: `${path}:${process.env.PATH}` }, join(folder, 'localize')).finished;

  test('are as the user can type them', async () => {
    const folder = clone();
    const help = await run(folder, ['plan', '--help']);
    expect(help.stdout).toContain("\n  ./localize plan batch.yaml --only '*/de'");
    const error = await run(folder, ['gone']);
    expect(error.stderr).toContain('hint if gone was meant as a command: ./localize --help lists the commands\n');
    const below = await startLocalize(join(folder, 'media'), ['gone'], {}, join(folder, 'localize')).finished;
    expect(below.stderr).toContain('../localize --help lists the commands');
  });

  test('keep their name where it is found, and for programs', async () => {
    const folder = clone();
    const found = await run(folder, ['gone'], folder);
    expect(found.stderr).toContain(': localize --help lists the commands');
    const json = await run(folder, ['gone', '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ mend: expect.stringContaining(': localize --help') });
    const script = await run(folder, ['completion', 'bash']);
    expect(script.stdout).not.toContain('./localize');
  });
});
