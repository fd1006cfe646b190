import { copyFile, mkdir, stat } from 'node:fs/promises';
import { type FileToInspect, type InspectedFile, inspect, inspectFiles, type MediaError } from '@localize/media';
import { expect, it } from 'vitest';
import { demo, fixture, useFolder } from './media-files.js';

const inFolder = useFolder();

const VIDEOS = [demo('safety.mp4'), fixture('index-last.mp4'), fixture('fragments.mp4'), fixture('late-clock.mkv')];
const VOICES = [
  demo('audio/de/safety.mp3'),
  ...['low-tone.mp3', 'tone.flac', 'opus.ogg', 'silent-vorbis.ogg', 'high-tone.m4a', 'foreign-adpcm.wav'].map(fixture),
];

async function foundOnThreads(files: readonly FileToInspect[], signal = new AbortController().signal) {
  const found = Array<InspectedFile>(files.length);
  await inspectFiles(files, { signal, onFound: (index, each) => void found.splice(index, 1, each) });
  return found;
}

async function foundAlone({ path, as }: FileToInspect) {
  try {
    const facts = await inspect(path, { as });
    const { size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    return { facts, times: { size, mtimeNs, ctimeNs } };
  } catch (error) {
    const { code, message } = error as MediaError;
    return { error: { code, message } };
  }
}

it('finds on threads what it finds alone, each in its place', async () => {
  const missing: FileToInspect = { path: inFolder('none.mp3'), as: 'audio' };
  const folder: FileToInspect = { path: inFolder('folder.mp3'), as: 'audio' };
  await mkdir(folder.path);
  await copyFile(demo('safety.mp4'), inFolder('video.mp3'));
  const files = [
    ...VIDEOS.map((path): FileToInspect => ({ path, as: 'video' })),
    ...VOICES.map((path): FileToInspect => ({ path, as: 'audio' })),
    { path: inFolder('video.mp3'), as: 'audio' } as const,
    missing,
    folder,
  ];
  const many = Array.from({ length: 20 }, () => files).flat();
  const alone = await Promise.all(files.map(foundAlone));
  expect(await foundOnThreads(many)).toEqual(Array.from({ length: 20 }, () => alone).flat());
  expect(await foundOnThreads([])).toEqual([]);
});

it('ends with the reason of an abort', async () => {
  const stop = new AbortController();
  const files = Array.from({ length: 5_000 }, (): FileToInspect => ({ path: demo('safety.mp4'), as: 'video' }));
  let seen = 0;
  const looking = inspectFiles(files, {
    signal: stop.signal,
    onFound: () => {
      seen += 1;
      stop.abort(new Error('enough'));
    },
  });
  await expect(looking).rejects.toThrow('enough');
  expect(seen).toBeLessThan(files.length);
  await expect(foundOnThreads(files, stop.signal)).rejects.toThrow('enough');
});
