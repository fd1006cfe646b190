import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ListedAsset } from '@localize/core';
import { expect, onTestFinished, test } from 'vitest';
import { probeAssets } from '../src/batch/probe-assets.js';
import { openRememberedMedia } from '../src/batch/remembered-media.js';
import { showLines } from '../src/progress/look-display.js';
import { folderWith, localize, REPOSITORY } from './support/cli.js';

const VOICE = join(REPOSITORY, 'manifests/media/audio/de/safety.mp3');
const PICTURE = join(REPOSITORY, 'manifests/media/safety.mp4');
/** So many that threads look at them: a video and a voice each. */
const VIDEOS = 160;

const MANIFEST = `version: 1
batch: many
emulate: true
defaults: { provider: eachlabs }
videos:
  - from: ./v/*.mp4
    tracks: ./a/{lang}/{name}.mp3
`;

function manyVideos() {
  const folder = folderWith({ 'manifest.yaml': MANIFEST });
  mkdirSync(join(folder, 'v'));
  mkdirSync(join(folder, 'a/de'), { recursive: true });
  for (let i = 0; i < VIDEOS; i += 1) {
    copyFileSync(PICTURE, join(folder, `v/${i}.mp4`));
    copyFileSync(VOICE, join(folder, `a/de/${i}.mp3`));
  }
  const caches = join(folder, 'cache/localize/media');
  const cache = () => join(caches, readdirSync(caches)[0] ?? '');
  const voices = () =>
    readFileSync(cache(), 'utf8')
      .split('\n')
      .slice(1)
      .filter((line) => line.startsWith('"audio'));
  const validate = () => localize(folder, ['validate'], { XDG_CACHE_HOME: join(folder, 'cache') });
  return { folder, cache, voices, validate };
}

test('a file is looked at once, until it changes, and no state is made for that', async () => {
  const { folder, cache, voices, validate } = manyVideos();
  expect(await validate()).toMatchObject({ exit: 0 });
  expect(existsSync(join(folder, '.localize'))).toBe(false);
  expect(voices().length).toBeGreaterThan(VIDEOS / 2);
  // What is remembered is believed: here, that nothing can be heard.
  writeFileSync(cache(), readFileSync(cache(), 'utf8').replaceAll('"silent":false', '"silent":true'));
  const believed = voices();
  expect((await validate()).stderr).toContain(`\n${believed.length} mistakes`);
  const [first = ''] = believed;
  const later = new Date(Date.now() + 60_000);
  utimesSync(first.slice('"audio '.length, first.indexOf('"\t')), later, later);
  expect((await validate()).stderr).toContain(`\n${believed.length - 1} mistakes`);
});

test('what takes long to look at is said, with the host that lets one wait', async () => {
  const said: string[] = [];
  const replies: ServerResponse[] = [];
  const server = createServer((_request, response) => void replies.push(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const url = `http://${host}/a.mp4?token=hidden`;
  const asset: ListedAsset = { name: url, key: url, source: { kind: 'url', url }, role: 'video', probe: true };
  const remembered = openRememberedMedia({ manifestPath: '/m.yaml', version: '1', variables: {} });
  const say = (line: string) => {
    said.push(line);
    for (const reply of replies.splice(0)) reply.writeHead(404).end();
  };
  const { signal } = new AbortController();
  const found = await probeAssets([asset], { remembered, signal, show: showLines(say, 20) });
  expect(found.get(url)).toHaveProperty('error');
  expect(said[0]).toBe(`looked at 0 of 1 media file; now at ${host}`);
});

test('a damaged cache is ignored, and two at once leave a whole one', async () => {
  const { folder, cache, voices } = manyVideos();
  const listed = [...Array(VIDEOS).keys()].map((i): ListedAsset => {
    const path = join(folder, `a/de/${i}.mp3`);
    return { name: `audio ${path}`, key: path, source: { kind: 'file', path }, role: 'audio', probe: true };
  });
  const look = () => {
    const variables = { XDG_CACHE_HOME: join(folder, 'cache') };
    const remembered = openRememberedMedia({ manifestPath: join(folder, 'm.yaml'), version: '1', variables });
    return probeAssets(listed, { remembered, signal: new AbortController().signal });
  };
  const facts = await look();
  expect(new Set([...facts.values()].map((seen) => JSON.stringify('facts' in seen && seen.facts.silent)))).toEqual(
    new Set(['false']),
  );
  const whole = readFileSync(cache(), 'utf8');
  const damages = [whole.slice(0, whole.length / 2), whole.replaceAll('{', '['), whole.replace('[1', '[0'), '\0\0'];
  for (const damaged of damages) {
    writeFileSync(cache(), damaged);
    expect(await look()).toEqual(facts);
  }
  writeFileSync(cache(), '');
  expect(await Promise.all([look(), look()])).toEqual([facts, facts]);
  expect(voices()).toHaveLength(VIDEOS);
  expect(await look()).toEqual(facts);
});
