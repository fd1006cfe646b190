import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, localize, REPOSITORY } from './support/cli.js';

const MEDIA = join(REPOSITORY, 'manifests/media');

/** A video and its audio in folders and files whose accents are letters of their own. */
function folderApart(): string {
  const folder = folderWith();
  const [tones, name] = ['Töne'.normalize('NFD'), 'Größe'.normalize('NFD')];
  mkdirSync(join(folder, tones, 'de'), { recursive: true });
  cpSync(join(MEDIA, 'safety.mp4'), join(folder, `${name}.mp4`));
  cpSync(join(MEDIA, 'audio/de/safety.mp3'), join(folder, tones, 'de', `${name}.mp3`));
  return folder;
}

const HEAD = 'version: 1\nbatch: small\nemulate: true\ndefaults: { provider: eachlabs }\nvideos:\n';

test.each([
  '  - { id: a, source: ./Größe.mp4, tracks: { de: ./Töne/de/Größe.mp3 } }\n',
  '  - { from: ./Grö*.mp4, tracks: "./Töne/{lang}/{name}.mp3" }\n',
])(
  'files are found whose accents are letters of their own, by names that are typed: %s',
  { timeout: 60_000 },
  async (videos) => {
    const folder = folderApart();
    writeFileSync(join(folder, 'manifest.yaml'), HEAD.normalize('NFC') + videos.normalize('NFC'));
    const { exit, stderr } = await localize(folder, ['-q']);
    expect([exit, stderr]).toEqual([0, expect.not.stringContaining('error')]);
    expect((await localize(folder, ['validate'])).stdout).toContain('1 job of 1 video');
  },
);
