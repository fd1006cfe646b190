import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith, localize, REPOSITORY } from './support/cli.js';

const MEDIA = join(REPOSITORY, 'manifests/media');
const VIDEO = 'safety.mp4';
const AUDIO = 'audio/de/safety.mp3';

/** What `init` says and writes in a folder with these files. */
async function initIn(files: Readonly<Record<string, string>>, prepare: (folder: string) => void = () => undefined) {
  const folder = folderWith();
  for (const [name, from] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    cpSync(join(MEDIA, from), join(folder, name));
  }
  prepare(folder);
  const { exit, stdout, stderr } = await localize(folder, ['init', '--yes', '--providers', 'eachlabs']);
  expect([exit, stderr]).toEqual([0, expect.not.stringContaining('is left out')]);
  return { stdout, videos: readFileSync(join(folder, 'manifest.yaml'), 'utf8').split('\nvideos:\n')[1] };
}

describe('init on disks as they are', { timeout: 60_000 }, () => {
  test('takes names for one whether their accents are composed or taken apart, as zip files and disks leave them', async () => {
    const apart = 'Größe'.normalize('NFD');
    const { stdout, videos } = await initIn({
      'Größe.mp4': VIDEO,
      [`DE/${apart}.MP3`]: AUDIO,
      [`${apart}/fr.mp3`]: AUDIO,
      ['sub/Übung.mp4'.normalize('NFD')]: VIDEO,
      'sub/Übung_es.mp3': AUDIO,
    });
    expect(stdout).toContain('3 jobs');
    expect(videos).toContain(`      DE: "./DE/${apart}.MP3"\n      fr: "./${apart}/fr.mp3"\n`);
    expect(videos).toContain('  - id: "Übung"\n');
  });

  test('takes files once that a link to their folder shows a second time', async () => {
    const { stdout, videos } = await initIn({ 'course/talk.mp4': VIDEO, 'course/talk.de.mp3': AUDIO }, (folder) => {
      symlinkSync('.', join(folder, 'self'));
      symlinkSync('course', join(folder, 'again'));
    });
    expect(stdout).toContain('1 job');
    expect(videos).toBe('  - id: talk\n    source: ./course/talk.mp4\n    tracks:\n      de: ./course/talk.de.mp3\n');
  });
});
