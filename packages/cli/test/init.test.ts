import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { arrangeVideos } from '../src/init/arrange-videos.js';
import { fileAt } from '../src/init/find-media.js';
import { isTwoVoices, matchAudio } from '../src/init/match-audio.js';
import { BIN, folderWith, localize, REPOSITORY, startLocalize, waitUntil } from './support/cli.js';
import { hasTerminal, localizeOnTerminal } from './support/terminal.js';

const MEDIA = join(REPOSITORY, 'manifests/media');

/** A folder with real media under the names that a layout has. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = folderWith();
  for (const [name, from] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    cpSync(join(MEDIA, from), join(folder, name));
  }
  return folder;
}

describe('localize init', { timeout: 60_000 }, () => {
  test('writes a manifest that runs from what it finds, and overwrites nothing', async () => {
    const folder = folderOf({
      'course/one.mp4': 'safety.mp4',
      'course/two.mp4': 'welcome.mp4',
      'audio/de/one.mp3': 'audio/de/safety.mp3',
      'audio/de/two.mp3': 'audio/de/welcome.mp3',
      'audio/pt-BR/one.mp3': 'audio/pt-BR/safety.mp3',
      'audio/pt-BR/two.mp3': 'audio/pt-BR/welcome.mp3',
    });
    const args = ['init', '--yes', '--providers', 'wavespeed,eachlabs'];
    const first = await localize(folder, args);
    expect([first.exit, first.stdout]).toEqual([
      0,
      expect.stringContaining('manifest.yaml and .env.example are written: 4 jobs'),
    ]);
    const manifest = readFileSync(join(folder, 'manifest.yaml'), 'utf8');
    expect(manifest).toContain('# yaml-language-server: $schema=./manifest.schema.json\n');
    expect(manifest).toContain('languages: [de, pt-BR]\n');
    expect(manifest).toContain('  provider: [wavespeed, eachlabs]\n');
    expect(manifest).toContain(
      '  - from: "./course/*.mp4"\n    id: "{name}"\n    tracks: "./audio/{lang}/{name}.mp3"\n',
    );
    const env = readFileSync(join(folder, '.env.example'), 'utf8');
    expect(env.match(/^\w+=$/gm)).toEqual(['EACHLABS_API_KEY=', 'WAVESPEED_API_KEY=']);
    expect((await localize(folder, ['validate'])).stdout).toContain('4 jobs of 2 videos in 2 languages');
    expect((await localize(folder, ['run', '--emulate', '--only', 'one/de', '--quiet'])).exit).toBe(0);

    writeFileSync(join(folder, 'manifest.yaml'), '# mine\n');
    const again = await localize(folder, args);
    expect([again.exit, again.stderr]).toEqual([2, expect.stringContaining('error [FILE_EXISTS]')]);
    expect(readFileSync(join(folder, 'manifest.yaml'), 'utf8')).toBe('# mine\n');
  });

  test('names commands as it was called itself', async () => {
    const media = { 'one.mp4': 'safety.mp4', 'de/one.mp3': 'audio/de/safety.mp3' };
    const head = async (script?: string) => {
      const folder = folderOf(media);
      if (script) symlinkSync(BIN, join(folder, script));
      const args = ['init', '--yes', '--providers', 'wavespeed'];
      expect((await startLocalize(folder, args, {}, script && join(folder, script)).finished).exit).toBe(0);
      return readFileSync(join(folder, 'manifest.yaml'), 'utf8');
    };
    const clone = await head('localize');
    expect(clone).toContain('#   ./localize run --emulate       all of it');
    expect(clone).toContain('# (for completion in editors: ./localize schema > manifest.schema.json)');
    expect(clone).toContain('preference; ./localize routes shows');
    expect(clone).not.toMatch(/(?<!\.\/)localize (plan|run|routes|schema)/);
    expect(await head()).toContain('#   localize run --emulate       all of it');
  });

  test('takes files that end in left and right for two voices, and sends them to a route that makes them', async () => {
    const folder = folderOf({
      'talk.mp4': 'interview.mp4',
      'audio/de/talk-left.mp3': 'audio/de/interview-left.mp3',
      'audio/de/talk-right.mp3': 'audio/de/interview-right.mp3',
      'talk.fr.left.mp3': 'audio/fr/interview-left.mp3',
      'talk.fr.right.mp3': 'audio/fr/interview-right.mp3',
      'talk.ja.left.mp3': 'audio/de/interview-left.mp3',
    });
    const { exit, stderr } = await localize(folder, ['init', '--providers', 'eachlabs']);
    expect([exit, stderr]).toEqual([0, expect.stringContaining('./talk.ja.left.mp3 is left out')]);
    const manifest = readFileSync(join(folder, 'manifest.yaml'), 'utf8');
    expect(manifest).toContain(`      fr:
        left_audio: ./talk.fr.left.mp3
        right_audio: ./talk.fr.right.mp3
        order: left_right   # or right_left, or meanwhile: both at once
        provider: wavespeed/infinitetalk-fast-multi
`);
    expect(manifest).toContain('  wavespeed: { keys: [WAVESPEED_API_KEY] }\n');
    expect(manifest).toContain('left_audio: ./audio/de/talk-left.mp3\n');
  });

  test('names each video where no pattern fits, leaves .env.example alone, and says what it leaves out', async () => {
    const folder = folderOf({
      'keynote.mp4': 'safety.mp4',
      'alone.mp4': 'product.mp4',
      'keynote.de.mp3': 'audio/de/safety.mp3',
      'keynote-fr.mp3': 'audio/fr/safety.mp3',
      'music.mp3': 'audio/fr/welcome.mp3',
    });
    writeFileSync(join(folder, '.env.example'), 'MINE=\n');
    const { exit, stdout, stderr } = await localize(folder, ['init', '--providers', 'wavespeed/infinitetalk']);
    expect([exit, stdout]).toEqual([0, expect.stringContaining('manifest.yaml is written: 2 jobs')]);
    expect(stderr).toContain('./alone.mp4 is left out: no audio was found for it');
    expect(stderr).toContain('./music.mp3 is left out');
    const manifest = readFileSync(join(folder, 'manifest.yaml'), 'utf8');
    expect(manifest).toContain('  - id: keynote\n    source: ./keynote.mp4\n    tracks:\n');
    expect(manifest).toContain('      de: ./keynote.de.mp3\n');
    expect(manifest).toContain('on_missing_track: warn\n');
    expect(readFileSync(join(folder, '.env.example'), 'utf8')).toBe('MINE=\n');
  });

  test('puts providers first that take local files at a known price, and says which language is misspelt', async () => {
    const folder = folderOf({
      'Intro Video.mp4': 'safety.mp4',
      'Intro Video-de.mp3': 'audio/de/safety.mp3',
      'Intro Video-es-LA.mp3': 'audio/fr/safety.mp3',
    });
    const { exit, stderr } = await localize(folder, ['init', '--yes']);
    expect(exit).toBe(0);
    expect(stderr).toContain(
      './Intro Video-es-LA.mp3 is left out: its language es-LA is Spanish as spoken in Laos (es-419 for Latin America, or es)\n',
    );
    expect(readFileSync(join(folder, 'manifest.yaml'), 'utf8')).toContain('provider: [wavespeed, fal, eachlabs]\n');
    const plan = await localize(folder, ['plan', '--json']);
    const { jobs } = JSON.parse(plan.stdout) as { jobs: { route: string; price_usd: string | null }[] };
    expect(jobs).toMatchObject([{ route: 'wavespeed/infinitetalk', price_usd: expect.any(String) }]);
  });

  test.runIf(hasTerminal())('asks again when an answer cannot be', async () => {
    const folder = folderOf({ 'a.mp4': 'safety.mp4', 'de/a.mp3': 'audio/de/safety.mp3' });
    const run = localizeOnTerminal(folder, ['init']);
    const answers = ['nowhere', '', 'en-UK', 'de', 'wavespede', 'wavespeed'];
    for (const [index, answer] of answers.entries()) {
      const asked = () => run.screen().join('\n').match(/\]:/g)?.length ?? 0;
      await waitUntil(
        () => asked() > index,
        () => run.screen().join('\n'),
      );
      run.type(`${answer}\r`);
    }
    expect(await run.finished).toBe(0);
    const screen = run.screen().join('\n');
    expect(screen).toContain('there is no folder nowhere');
    expect(screen).toContain('en-GB');
    expect(screen).toContain('did you mean wavespeed?');
    expect(readFileSync(join(folder, 'manifest.yaml'), 'utf8')).toContain('provider: [wavespeed]');
  });

  test.runIf(hasTerminal())('says on Ctrl-C that nothing was written', async () => {
    const folder = folderOf({ 'a.mp4': 'safety.mp4', 'de/a.mp3': 'audio/de/safety.mp3' });
    const run = localizeOnTerminal(folder, ['init']);
    const screen = () => run.screen().join('\n');
    await waitUntil(() => screen().includes(']:'), screen);
    run.type('\x03');
    expect(await run.finished).toBe(130);
    expect(screen()).toContain('nothing was written');
  });

  test('leaves out, with the reason, what a manifest cannot name and what cannot be read, and takes the rest', async () => {
    const folder = folderOf({
      'we ird*[x]/one.mp4': 'safety.mp4',
      'we ird*[x]/one.de.mp3': 'audio/de/safety.mp3',
      'we ird{y}/two.mp4': 'welcome.mp4',
      'we ird{y}/two.de.mp3': 'audio/de/welcome.mp3',
      'course/three.mp4': 'safety.mp4',
      'course/four.mp4': 'welcome.mp4',
      'course/three.de.mp3': 'audio/de/safety.mp3',
      'course/four.de.mp3': 'audio/de/welcome.mp3',
    });
    writeFileSync(join(folder, 'course/four.mp4'), 'no video');
    const { exit, stdout, stderr } = await localize(folder, ['init', 'batch.yaml', '--providers', 'wavespeed']);
    expect([exit, stdout]).toEqual([0, expect.stringContaining('batch.yaml and .env.example are written: 2 jobs\n')]);
    expect(stdout).toContain('Next: localize plan batch.yaml');
    expect(stderr).toMatch(/^\.\/we ird\{y\}\/two\.de\.mp3 is left out: .*\{y\} is unknown/m);
    expect(stderr).toMatch(/^\.\/course\/four\.mp4 is left out: /m);
    expect(stderr).not.toContain('undefined');
    expect((await localize(folder, ['validate', 'batch.yaml'])).stdout).toContain('2 jobs of 2 videos in 1 language');
    const again = await localize(folder, ['init', 'batch.yaml']);
    expect([again.exit, again.stderr]).toEqual([2, expect.stringContaining('localize init other.yaml')]);
  });

  test('writes nothing where nothing of what is found can be in a manifest', async () => {
    const folder = folderOf({ '{x}/a.mp4': 'safety.mp4', '{x}/a.de.mp3': 'audio/de/safety.mp3' });
    const { exit, stderr } = await localize(folder, ['init', '--yes']);
    expect([exit, stderr]).toEqual([2, expect.stringContaining('error [NO_MEDIA_FOUND] no file that was found')]);
    expect([existsSync(join(folder, 'manifest.yaml')), existsSync(join(folder, '.env.example'))]).toEqual([
      false,
      false,
    ]);
    const wrong = await localize(folder, ['init', '{x}']);
    expect([wrong.exit, wrong.stderr]).toEqual([2, expect.stringContaining('--media names the folder')]);
  });

  test.skipIf(process.platform !== 'linux')(
    'says where it can write nothing, before it looks for anything',
    async () => {
      for (const path of ['/sys/manifest.yaml', '/sys/new/manifest.yaml']) {
        const { exit, stdout, stderr } = await localize(folderWith(), ['init', path, '--media', MEDIA, '--yes']);
        const said = `error [OUTPUT_UNWRITABLE] ${path} cannot be written: nothing can be written in /sys`;
        expect([exit, stdout, stderr]).toEqual([4, '', expect.stringContaining(said)]);
        expect(stderr).toContain('hint name a file elsewhere, and the folder with the videos: localize init');
      }
    },
  );

  test('makes the folder that its manifest is to be in, and says where both files are', async () => {
    const folder = folderOf({ 'in/a.mp4': 'safety.mp4', 'in/de/a.mp3': 'audio/de/safety.mp3' });
    writeFileSync(join(folder, 'file'), '');
    const init = (path: string) => localize(folder, ['init', path, '--media', 'in', '--providers', 'wavespeed']);
    const { exit, stdout } = await init('new/one/batch.yaml');
    const written = 'new/one/batch.yaml and new/one/.env.example are written: 1 job\n';
    expect([exit, stdout]).toEqual([0, expect.stringContaining(written)]);
    expect((await localize(folder, ['validate', 'new/one/batch.yaml'])).exit).toBe(0);
    const blocked = await init('file/deep/batch.yaml');
    expect([blocked.exit, blocked.stderr]).toEqual([
      2,
      expect.stringContaining('file is a file where a folder must be'),
    ]);
  });

  test('leaves a link at .env.example alone that leads nowhere', async () => {
    const folder = folderOf({ 'a.mp4': 'safety.mp4', 'de/a.mp3': 'audio/de/safety.mp3' });
    symlinkSync('/nonexistent/env', join(folder, '.env.example'));
    const { exit, stdout } = await localize(folder, ['init', '--yes']);
    expect([exit, stdout]).toEqual([0, expect.stringMatching(/^manifest\.yaml is written: 1 job\n/)]);
  });

  test('says of audio why it is nobody’s', async () => {
    const folder = folderOf({
      'B.mp4': 'safety.mp4',
      'B.mov': 'safety.mp4',
      'B.de.mp3': 'audio/de/safety.mp3',
    });
    const namesakes = './B.mov and ./B.mp4 have the same name';
    const none = await localize(folder, ['init', '--yes']);
    expect([none.exit, none.stderr]).toEqual([2, expect.stringContaining(`./B.de.mp3: ${namesakes}`)]);
    for (const name of ['a.de.mp3', 'de/a.mp3', 'english/a.mp3', 'music/a.mp3', 'a.deu.mp3']) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      cpSync(join(MEDIA, 'audio/de/safety.mp3'), join(folder, name));
    }
    cpSync(join(MEDIA, 'safety.mp4'), join(folder, 'a.mp4'));
    const { exit, stderr } = await localize(folder, ['init', '--yes']);
    expect(exit).toBe(0);
    expect(stderr.split('\n').filter((line) => line.includes(' is left out: '))).toEqual([
      expect.stringContaining(`./B.de.mp3 is left out: ${namesakes}`),
      expect.stringMatching(/^\.\/a\.deu\.mp3 is left out: its language deu .*\(de\)$/),
      './de/a.mp3 is left out: ./a.mp4 has its audio in de already, ./a.de.mp3',
      './english/a.mp3 is left out: its language english has an unknown language, english (en)',
      './music/a.mp3 is left out: by its name it is no track of a video',
    ]);
  });

  test('takes a language without audio that has an English name, or whose audio was found, for what it is', async () => {
    const folder = folderOf({
      'a.mp4': 'safety.mp4',
      'a.de.mp3': 'audio/de/safety.mp3',
      'a.fi.mp3': 'audio/fr/safety.mp3',
    });
    expect((await localize(folder, ['init', '--languages', 'de,fil', '--providers', 'wavespeed'])).exit).toBe(0);
    expect(readFileSync(join(folder, 'manifest.yaml'), 'utf8')).toContain('languages: [de, fil]\n');
    const rare = folderOf({ 'a.mp4': 'safety.mp4', 'a.jaa.mp3': 'audio/de/safety.mp3' });
    expect((await localize(rare, ['init', '--languages', 'jaa', '--providers', 'wavespeed'])).exit).toBe(0);
  });

  test('takes the languages that are asked for', async () => {
    const files = { 'a.mp4': 'safety.mp4', 'de/a.mp3': 'audio/de/safety.mp3', 'fr/a.mp3': 'audio/fr/safety.mp3' };
    const folder = folderOf(files);
    expect((await localize(folder, ['init', '--languages', 'fr', '--providers', 'wavespeed'])).exit).toBe(0);
    expect((await localize(folder, ['validate'])).stdout).toContain('1 job of 1 video in 1 language');
    const brazilian = folderOf({ ...files, 'a.pt-BR.mp3': 'audio/fr/safety.mp3' });
    expect((await localize(brazilian, ['init', '--languages', 'de,pt', '--providers', 'wavespeed'])).exit).toBe(0);
    expect(readFileSync(join(brazilian, 'manifest.yaml'), 'utf8')).toContain('languages: [de, pt-BR]\n');
    expect((await localize(brazilian, ['validate'])).stdout).toContain('2 jobs of 1 video in 2 languages');
  });

  test('takes pt_br in names for pt-BR, in a pattern and one by one', async () => {
    const audio = { 'a_pt_br.mp3': 'audio/de/safety.mp3', 'a_de.mp3': 'audio/de/safety.mp3' };
    const one = folderOf({ 'a.mp4': 'safety.mp4', ...audio });
    expect((await localize(one, ['init', '--languages', 'pt_br', '--providers', 'wavespeed'])).exit).toBe(0);
    expect(readFileSync(join(one, 'manifest.yaml'), 'utf8')).toContain('      pt-BR: ./a_pt_br.mp3\n');
    const two = folderOf({
      'a.mp4': 'safety.mp4',
      'b.mp4': 'safety.mp4',
      ...audio,
      'b_pt_br.mp3': 'audio/de/safety.mp3',
    });
    expect((await localize(two, ['init', '--providers', 'wavespeed'])).exit).toBe(0);
    expect(readFileSync(join(two, 'manifest.yaml'), 'utf8')).toContain('\nlanguage_names: { pt_br: pt-BR }\n');
    expect((await localize(two, ['validate'])).stdout).toContain('3 jobs of 2 videos in 2 languages');
  });

  test('lets the cheapest of the providers that take local files be chosen', async () => {
    const folder = folderOf({ 'a.mp4': 'safety.mp4', 'de/a.mp3': 'audio/de/safety.mp3' });
    expect((await localize(folder, ['init', '--providers', 'cheapest'])).exit).toBe(0);
    const text = readFileSync(join(folder, 'manifest.yaml'), 'utf8');
    expect(text).toContain('  provider: [cheapest]\n');
    expect(text).toContain('  wavespeed: { keys: [WAVESPEED_API_KEY] }\n');
    expect((await localize(folder, ['plan'])).exit).toBe(0);
  });

  test('says what it looked for and what is there where it finds nothing', async () => {
    const folder = folderWith({ 'x/1.avi': '', 'x/2.avi': '', 'x/3.txt': '', 'x/4.txt': '', 'x/5.txt': '' });
    const { stderr } = await localize(folder, ['init', '--media', 'x']);
    expect(stderr).toContain('a video ends in mp4, mov, m4v, webm or mkv; there are ./x/1.avi, ./x/2.avi, ');
    expect(stderr).toContain('./x/4.txt and 1 more; --media names the folder');
    mkdirSync(join(folder, 'none'));
    expect((await localize(folder, ['init', '--media', 'none'])).stderr).toContain('no file is there');
  });

  test.each([
    [[], 'error [NO_MEDIA_FOUND] 1 video was found, but no audio for it'],
    [['--media', 'empty'], 'error [NO_MEDIA_FOUND] there is no folder empty'],
    [['--media', 'none'], 'error [NO_MEDIA_FOUND] no video was found below none'],
    [['--media', 'a.mp4/de'], 'error [NO_MEDIA_FOUND] there is no folder a.mp4/de'],
  ])('refuses to write nothing useful: %j', async (args, message) => {
    const folder = folderOf({ 'a.mp4': 'safety.mp4' });
    mkdirSync(join(folder, 'none'));
    const { exit, stderr } = await localize(folder, ['init', ...args]);
    expect([exit, stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(existsSync(join(folder, 'manifest.yaml'))).toBe(false);
  });

  test.each([
    [['--providers', 'wavespede'], 'did you mean wavespeed?'],
    [
      ['--providers', 'wavespede,fall'],
      'no provider or route wavespede or fall\n  hint did you mean wavespeed and fal?',
    ],
    [['--languages', 'en-UK'], 'en-GB'],
    [['--languages', 'qq'], 'has an unknown language, qq\n  hint a language tag is such as de, pt-BR or es-419'],
    [
      ['--languages', 'german,dee,jaa,fr'],
      'the language german has an unknown language, german (de); no audio was found in dee (de); no audio was found in jaa (ja)\n  hint did you mean de,ja,fr?',
    ],
  ])('suggests what is meant by %j', async (args, message) => {
    const folder = folderOf({ 'a.mp4': 'safety.mp4', 'de/a.mp3': 'audio/de/safety.mp3' });
    const { exit, stderr } = await localize(folder, ['init', ...args]);
    expect([exit, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

describe('audio', () => {
  const match = (videos: string[], audio: string[]) => matchAudio(videos.map(fileAt), audio.map(fileAt));
  const found = (videos: string[], audio: string[]) =>
    match(videos, audio).videos.map(({ file, tracks }) => [
      file.stem,
      ...tracks.map((track) => (isTwoVoices(track) ? [track.left, track.right] : track.template)),
    ]);

  test('is found in every usual layout', () => {
    expect(
      found(['a.mp4'], ['audio/de/a.mp3', 'fr/a.wav', 'a/ja.m4a', 'dub/a.es.mp3', 'a_it.mp3', 'a-pt-BR.mp3']),
    ).toEqual([
      [
        'a',
        './audio/{lang}/{name}.mp3',
        './{lang}/{name}.wav',
        './{name}/{lang}.m4a',
        './dub/{name}.{lang}.mp3',
        './{name}_{lang}.mp3',
        './{name}-{lang}.mp3',
      ],
    ]);
  });

  test('belongs to the longest name that fits, and one file a language is enough', () => {
    expect(found(['talk.mp4', 'talk-2.mp4'], ['talk-2.de.mp3'])).toEqual([['talk'], ['talk-2', './{name}.{lang}.mp3']]);
    const { unmatched } = match(['a.mp4'], ['a.de.mp3', 'a.de.wav', 'a.nolanguage.mp3', 'b.de.mp3']);
    expect(unmatched.map(({ path }) => path)).toEqual(['./a.de.wav', './a.nolanguage.mp3', './b.de.mp3']);
  });

  test('of two voices is a pair of files, and half a pair is none', () => {
    const files = ['de/a-left.mp3', 'de/a-right.mp3', 'a.fr.LEFT.wav', 'a.fr.right.wav', 'a.ja.left.mp3', 'a.de.mp3'];
    expect(found(['a.mp4'], files)).toEqual([['a', './{name}.{lang}.mp3', ['./a.fr.LEFT.wav', './a.fr.right.wav']]]);
    expect(
      match(['a.mp4'], files)
        .unmatched.map(({ path }) => path)
        .sort(),
    ).toEqual(['./a.ja.left.mp3', './de/a-left.mp3', './de/a-right.mp3']);
    // A video's own name goes before a side.
    expect(found(['a-left.mp4'], ['de/a-left.mp3'])).toEqual([['a-left', './{lang}/{name}.mp3']]);
  });

  test('of videos that share a name belongs to the nearest, and to none when that is not sure', () => {
    const { videos, unmatched } = match(['x/a.mp4', 'y/a.mp4'], ['x/de/a.mp3', 'y/a.de.mp3', 'audio/fr/a.mp3']);
    expect(videos.map(({ tracks }) => tracks.map((track) => !isTwoVoices(track) && track.path))).toEqual([
      ['./x/de/a.mp3'],
      ['./y/a.de.mp3'],
    ]);
    expect(unmatched.map(({ path }) => path)).toEqual(['./audio/fr/a.mp3']);
    const ids = arrangeVideos(videos, () => true).map((entry) => (entry.kind === 'video' ? entry.id : entry.from));
    expect(ids).toEqual(['a', 'y-a']);
  });
});
