import { copyFileSync, existsSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith, localize } from './support/cli.js';
import { SMALL } from './support/manifests.js';

test('suggests the nearest file for a manifest, a CSV file or a shared one that is not there', async () => {
  const text = 'version: 1\nbatch: b\nextends: ./shraed.yaml\nvideos:\n  - csv: ./data/rwos.csv\n';
  const folder = folderWith({ 'p7.yaml': text, 'data/rows.csv': '', 'shared.yaml': 'languages: [de]\n' });
  const wrong = await localize(folder, ['status', 'p7.yml']);
  expect([wrong.exit, wrong.stderr]).toEqual([2, expect.stringContaining('did you mean p7.yaml?')]);
  const shared = await localize(folder, ['validate', 'p7.yaml']);
  expect([shared.exit, shared.stderr]).toEqual([2, expect.stringContaining('(did you mean ./shared.yaml?)')]);
  writeFileSync(join(folder, 'p7.yaml'), text.replace('shraed', 'shared'));
  const csv = await localize(folder, ['validate', 'p7.yaml']);
  expect([csv.exit, csv.stderr]).toEqual([2, expect.stringContaining('(did you mean ./data/rows.csv?)')]);
  writeFileSync(join(folder, 'p7.yaml'), text.replace('./shraed.yaml', 'data'));
  const inFolder = await localize(folder, ['validate', 'p7.yaml']);
  expect(inFolder.stderr).toMatch(/^p7\.yaml:3:10: data is a folder \(a YAML file; looked at \S+\/data\)/);
});

describe('a manifest with mistakes', () => {
  test('gets all of them at once, with places and carets, from run as from validate', async () => {
    const text = SMALL.replace('batch: small', 'batchh: small').replace('provider: eachlabs', 'provider: eachlab');
    const folder = folderWith({ 'manifest.yaml': text }, { media: true });
    for (const command of ['validate', 'run', 'plan', 'status']) {
      const { exit, stdout, stderr } = await localize(folder, [command]);
      expect([command, exit, stdout]).toEqual([command, 2, '']);
      expect(stderr).toContain('manifest.yaml:2:1: `batchh` is unknown (did you mean `batch`?)');
      expect(stderr).toContain('names an unknown provider, "eachlab" (did you mean eachlabs?)');
      expect(stderr).toContain('^^^^^^');
    }
    expect(existsSync(join(folder, '.localize'))).toBe(false);
    expect(existsSync(join(folder, 'localized'))).toBe(false);
  });

  test('is told where a link leads that leads nowhere', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    rmSync(join(folder, 'media/safety.mp4'));
    symlinkSync('/volumes/raw/safety.mp4', join(folder, 'media/safety.mp4'));
    const { exit, stderr } = await localize(folder, ['validate']);
    expect([exit, stderr]).toEqual([
      2,
      expect.stringContaining('is a link to /volumes/raw/safety.mp4, where nothing is (a file there) [FILE_MISSING]'),
    ]);
  });

  test('is told of a path that leads through a file, as of any other where nothing is', async () => {
    const text = SMALL.replace('media/safety.mp4', 'media/safety.mp4/take-2.mp4');
    const folder = folderWith(
      { 'manifest.yaml': text, 'shared.yaml': `extends: media/safety.mp4/all.yaml\n${SMALL}` },
      { media: true },
    );
    for (const args of [['validate'], ['plan', '--keep-going']]) {
      const { exit, stderr } = await localize(folder, args);
      expect([args, exit, stderr]).toEqual([
        args,
        args[0] === 'validate' ? 2 : 0,
        expect.stringContaining('media/safety.mp4/take-2.mp4 is not there'),
      ]);
    }
    const { exit, stderr } = await localize(folder, ['validate', 'shared.yaml']);
    expect([exit, stderr]).toEqual([2, expect.stringContaining('media/safety.mp4/all.yaml is not there')]);
  });

  test('names what patterns find as the manifest does, wherever the folder lies', async () => {
    const manifest = (tracks: string) =>
      `version: 1\nbatch: b\nvideos:\n  - from: ./media/safety.mp4\n    tracks: ${tracks}\n`;
    const folder = folderWith({ 'manifest.yaml': manifest('"./media/audio/{lang}/{name}.*"') }, { media: true });
    const audio = join(folder, 'media/audio/de');
    copyFileSync(join(audio, 'safety.mp3'), join(audio, 'nobody.mp3'));
    const warned = await localize(folder, ['validate']);
    expect([warned.exit, warned.stderr]).toEqual([0, expect.stringContaining('./media/audio/de/nobody.mp3')]);
    copyFileSync(join(audio, 'safety.mp3'), join(audio, 'safety.wav'));
    const { exit, stderr } = await localize(folder, ['validate']);
    const claimed = 'two files claim safety/de: ./media/audio/de/safety.mp3 and ./media/audio/de/safety.wav';
    expect([exit, stderr]).toEqual([2, expect.stringContaining(claimed)]);
    expect(warned.stderr + stderr).not.toContain(folder);
  });

  test('names a missing media file, and forgives it with --keep-going', async () => {
    const text = SMALL.replace('fr/safety.mp3', 'fr/safty.mp3');
    const folder = folderWith({ 'manifest.yaml': text }, { media: true });
    const strict = await localize(folder, ['validate']);
    expect(strict.exit).toBe(2);
    expect(strict.stderr).toContain(
      'manifest.yaml:9:20: ./media/audio/fr/safty.mp3 is not there (did you mean ./media/audio/fr/safety.mp3? looked at ',
    );
    const lenient = await localize(folder, ['validate', '--keep-going']);
    expect(lenient.exit).toBe(0);
    expect(lenient.stderr).toContain('warning: ./media/audio/fr/safty.mp3 is not there');
  });

  test('shows mistakes in the files beside mistakes in the fields, in the order of the file', async () => {
    const text = `${SMALL.replace('fr/safety.mp3', 'fr/safty.mp3')}  - { id: second, source: ./gone.mp4, promt: hello, tracks: { xx-yy-zz: ./a.mp3 } }\n`;
    const folder = folderWith({ 'manifest.yaml': text }, { media: true });
    const { exit, stderr } = await localize(folder, ['validate']);
    expect(exit).toBe(2);
    const places = ['./media/audio/fr/safty.mp3 is not there', 'promt', 'xx-yy-zz'].map((word) => stderr.indexOf(word));
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  test('shows what patterns do not find beside mistakes in other patterns', async () => {
    const pattern = (tracks: string) => `  - { from: ./media/safety.mp4, id: "x-{name}", tracks: '${tracks}' }\n`;
    const text = `${SMALL}${pattern('./a/{lang}/{nmae}.mp3')}${pattern('./none/{lang}/{name}.mp3')}  - { from: ./none/*.mp4, tracks: './a/{lang}/{name}.mp3' }\n`;
    const { exit, stderr } = await localize(folderWith({ 'manifest.yaml': text }, { media: true }), ['validate']);
    expect(exit).toBe(2);
    expect(stderr).toContain('did you mean {name}?');
    expect(stderr).toContain('./none/*.mp4');
    expect(stderr).toContain('./none/{lang}/{name}.mp3');
    expect(stderr).toContain('\n4 mistakes\n');
  });

  test('shows holes, missing files and jobs that no route makes beside mistakes in fields, and nothing that these cause', async () => {
    const track = (tag: string, more = '') => `${tag}: { audio: ./media/audio/de/safety.mp3${more} }`;
    const video = (id: string, tracks: readonly string[], more = '') =>
      `  - { id: ${id}, source: ./media/safety.mp4,${more} tracks: { ${tracks.join(', ')} } }\n`;
    const text = `version: 1
batch: b
languages: [de, fr]
defaults: { provider: [wavespeed] }
bugdet: { max_usd: 5 }
videos:
${video('hole', [track('de')])}${video('hole-too', [track('de')], ' promt: x,')}${video('typo', [track('de', ', promt: x'), 'fr: ./gone.mp3'])}${video('noroute', [track('de', ', provider: wavespeed/infinitetalk-fast-multi'), track('fr')])}${video('untold', ['de: ./media/audio/de/safety.mp3', 'english: ./gone-too.mp3', 'fr: 7'])}`;
    const folder = folderWith({ 'manifest.yaml': text }, { media: true });
    const { exit, stderr } = await localize(folder, ['validate']);
    expect(exit).toBe(2);
    const said = [...stderr.matchAll(/^manifest\.yaml:(\d+):\d+: (.*) \[\w+\]$/gm)].map((m) => `${m[1]} ${m[2]}`);
    expect(said).toEqual([
      expect.stringContaining('5 `bugdet` is unknown'),
      expect.stringContaining('7 no track for hole x fr'),
      expect.stringContaining('8 no track for hole-too x fr'),
      expect.stringContaining('8 `promt` is unknown'),
      expect.stringContaining('9 `promt` is unknown'),
      expect.stringContaining('9 ./gone.mp3 is not there'),
      expect.stringContaining('10 no route can make noroute/de: wavespeed/infinitetalk-fast-multi'),
      expect.stringContaining('11 "english"'),
      expect.stringMatching(/^11 .*fr.* the number 7/),
    ]);
    // Neither the head of a manifest nor the names of its outputs change what is said of the rest.
    const headless = text.replace('version: 1\nbatch: b\n', 'batch: a/b\noutput: { name: 7 }\n');
    writeFileSync(join(folder, 'manifest.yaml'), headless);
    const beside = (await localize(folder, ['validate'])).stderr;
    for (const word of [
      '`version` is missing',
      '`batch` is',
      '`name` is',
      ...said.map((line) => line.replace(/^\d+ /, '')),
    ])
      expect(beside).toContain(word);
    // Once the fields are mended, the same is said of the rest.
    const mended = text
      .replace('bugdet', 'budget')
      .replaceAll(/,? promt: x/g, '')
      .replace('english: ./gone-too.mp3, fr: 7', 'fr: ./f.mp3');
    writeFileSync(join(folder, 'manifest.yaml'), mended);
    const rest = (await localize(folder, ['validate'])).stderr;
    expect(rest).toContain('\n5 mistakes\n');
  });

  test('shows a job that no route makes beside an unknown key, unless that may be what the route lacks', async () => {
    const track = 'tracks: { de: ./media/audio/de/safety.mp3 }';
    const manifest = (head: string, more = '') => `version: 1
batch: b
providers: { fal: { max_frames: 721 } }
${head}videos: [{ id: safety, source: ./media/safety.mp4,${more} ${track} }]
`;
    const folder = folderWith({}, { media: true });
    const codesOf = async (text: string) => {
      writeFileSync(join(folder, 'manifest.yaml'), text);
      const { stdout } = await localize(folder, ['validate', '--json']);
      return JSON.parse(stdout).issues.map(({ code }: { code: string }) => code);
    };
    const fal = 'defaults: { provider: fal }\n';
    expect(await codesOf(manifest(fal, ' zzz: 7,'))).toEqual(['UNKNOWN_KEY', 'NO_ROUTE']);
    expect(await codesOf(manifest('defaults: { provider: fal, zzz: 7 }\n'))).toEqual(['UNKNOWN_KEY', 'NO_ROUTE']);
    expect(await codesOf(manifest(`zzz: 7\n${fal}`))).toEqual(['UNKNOWN_KEY', 'NO_ROUTE']);
    expect(await codesOf(manifest(fal, ' promt: A presenter,'))).toEqual(['UNKNOWN_KEY']);
    expect(await codesOf(manifest('defaults: { provider: fal, promt: A presenter }\n'))).toEqual(['UNKNOWN_KEY']);
    const elsewhere = manifest('defualts: { prompt: A presenter }\n').replace('source:', 'provider: fal, source:');
    expect(await codesOf(elsewhere)).toEqual(['UNKNOWN_KEY']);
  });

  test('judges a file by each of the roles that it has', async () => {
    const text = SMALL.replace(
      'source: ./media/safety.mp4',
      'source: ./media/safety.mp4\n    mask_image: ./media/safety.mp4',
    );
    const { exit, stderr } = await localize(folderWith({ 'manifest.yaml': text }, { media: true }), ['validate']);
    expect(exit).toBe(2);
    expect(stderr).toContain('safety.mp4 is not a JPEG, PNG, GIF or WebP image');
    expect(stderr).toMatch(/\n1 mistake\n/);
  });

  test('gets an unreadable media file pointed out before anything is spent', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL, 'notes.txt': 'no sound' }, { media: true });
    const broken = folderWith({
      'manifest.yaml': SMALL,
      'media/safety.mp4': 'not a video',
      'media/audio/de/safety.mp3': '',
      'media/audio/fr/safety.mp3': 'not a sound',
    });
    expect((await localize(folder, ['validate'])).exit).toBe(0);
    const { exit, stderr } = await localize(broken, ['validate']);
    expect(exit).toBe(2);
    expect(stderr).toContain('safety.mp4');
    expect(stderr).toContain('is empty (0 bytes)');
    expect(stderr).toContain('3 mistakes');
    expect(stderr).not.toContain('    at ');
  });
});

describe('media that would be paid for in vain', () => {
  test('is refused before: silence, nothing, and what is not what its name says', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    writeFileSync(join(folder, 'media/audio/de/safety.mp3'), '');
    copyFileSync(join(folder, 'media/safety.mp4'), join(folder, 'media/audio/fr/safety.mp3'));
    const { exit, stderr } = await localize(folder, ['validate']);
    expect(exit).toBe(2);
    expect(stderr).toContain('is empty (0 bytes)');
    expect(stderr).toContain('is mp4 inside, whatever its name says');
    const quiet = SMALL.replace('./media/audio/de/safety.mp3', './silence.wav');
    writeFileSync(join(folder, 'manifest.yaml'), quiet);
    writeFileSync(join(folder, 'silence.wav'), silence());
    expect((await localize(folder, ['validate'])).stderr).toContain(
      'silence.wav is silent from its beginning to its end',
    );
  });
});

test('a video as the audio of a track is said, and whether it is its own', { timeout: 60_000 }, async () => {
  const folder = folderWith({}, { media: true });
  const text = SMALL.replace('./media/audio/de/safety.mp3', './media/welcome.mp4');
  writeFileSync(join(folder, 'manifest.yaml'), text.replace('./media/audio/fr/safety.mp3', './media/safety.mp4'));
  const { exit, stdout } = await localize(folder, ['validate', '--json']);
  const { issues } = JSON.parse(stdout) as { issues: { code: string; message: string }[] };
  const said = issues.filter(({ code }) => code === 'AUDIO_IS_VIDEO').map(({ message }) => message);
  expect([exit, said]).toEqual([
    0,
    [
      'the audio of safety/de, ./media/welcome.mp4, is a video, and goes to the provider whole',
      'the audio of safety/fr, ./media/safety.mp4, is its own video, in the language that was recorded',
    ],
  ]);
});

/** Two seconds of nothing: 8 kHz, 16 bit, one channel. */
function silence(): Buffer {
  const head = Buffer.from('524946460000000057415645666d74201000000001000100401f0000803e00000200100064617461', 'hex');
  const file = Buffer.concat([head, Buffer.alloc(4 + 32_000)]);
  file.writeUInt32LE(file.length - 8, 4);
  file.writeUInt32LE(32_000, 40);
  return file;
}

describe('a manifest that extends another file', () => {
  test('takes settings from it, and shows its mistakes and those of a CSV file with their lines, from any folder', async () => {
    const folder = folderWith({
      'team/shared.yaml': 'emulate: true\ndefaults: { provider: [eachlabs], resolutoin: 480p }\n',
      'team/spring/manifest.yaml': 'version: 1\nextends: ../shared.yaml\nbatch: b\nvideos: [{ csv: ./rows.csv }]\n',
      'team/spring/rows.csv': 'video,lang,audio\nsafety.mp4,xx,safety.mp3\n',
    });
    const shared = await localize(folder, ['validate', 'team/spring/manifest.yaml']);
    expect(shared.exit).toBe(2);
    expect(shared.stderr).toContain('team/shared.yaml:2:35: `resolutoin` is unknown');
    expect(shared.stderr).toContain('  2 | defaults: { provider: [eachlabs], resolutoin: 480p }');
    writeFileSync(join(folder, 'team/shared.yaml'), 'emulate: true\ndefaults: { provider: [eachlabs] }\n');
    const rows = await localize(folder, ['validate', 'team/spring/manifest.yaml']);
    expect(rows.stderr).toContain('team/spring/rows.csv:2:12: "xx"');
    expect(rows.stderr).toContain('  2 | safety.mp4,xx,safety.mp3');
  });
});

test('validate --json names every mistake with its code and place', async () => {
  const manifest = SMALL.replace('batch: small', 'bach: small');
  const folder = folderWith({ 'manifest.yaml': manifest }, { media: true });
  const { exit, stdout, stderr } = await localize(folder, ['validate', '--json']);
  expect([exit, stderr]).toEqual([2, '']);
  const { valid, mistakes, issues } = JSON.parse(stdout);
  expect([valid, mistakes]).toEqual([false, 1]);
  expect(issues).toContainEqual({
    code: 'UNKNOWN_KEY',
    severity: 'error',
    file: 'manifest.yaml',
    line: 2,
    column: 1,
    length: 4,
    message: '`bach` is unknown',
    expected: 'did you mean `batch`?',
  });
});
