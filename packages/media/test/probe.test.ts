import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { MediaError, probe } from '../src/index.js';
import { demo, fixture, useFolder } from './media-files.js';
import { writeWav } from './wav-file.js';

const inFolder = useFolder();

async function failure(source: string): Promise<MediaError> {
  const error = await probe(source).then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!MediaError.isInstance(error)) throw new Error(`expected a MediaError, got ${String(error)}`);
  return error;
}

describe('probe of a file', () => {
  it('tells all facts of a video', async () => {
    expect(await probe(demo('welcome.mp4'))).toEqual({
      durationMs: 5480,
      videoDurationMs: 5480,
      audioDurationMs: 5480,
      container: 'mp4',
      bytes: expect.any(Number),
      video: { codec: 'avc', width: 1280, height: 720, frameRate: 25 },
      audio: { codec: 'aac', channels: 1, sampleRate: 44_100, decodable: false },
    });
  });

  it.each([
    ['index-last.mp4', 'mp4', 2000, 'avc', 'aac'],
    ['fragments.mp4', 'mp4', 2080, 'avc', 'aac'],
    ['quicktime.mov', 'mov', 2000, 'avc', 'aac'],
    ['vp9.webm', 'webm', 2008, 'vp9', 'opus'],
    ['live.webm', 'webm', 2014, 'vp9', 'opus'],
    ['opus.ogg', 'ogg', 2000, undefined, 'opus'],
    ['tone.flac', 'flac', 2000, undefined, 'flac'],
    ['tone.aac', 'adts', 2043, undefined, 'aac'],
  ])('knows %s as %s by its content', async (name, container, durationMs, video, audio) => {
    // The name says nothing.
    await copyFile(fixture(name), inFolder('content.bin'));
    const facts = await probe(inFolder('content.bin'));
    expect(facts).toMatchObject({ container, durationMs });
    expect([facts.video?.codec, facts.audio?.codec]).toEqual([video, audio]);
  });

  it.each([
    ['audio/de/welcome.mp3', 'mp3', 5433],
    ['audio/ja/safety.mp3', 'mp3', 7340],
    ['audio/pt-BR/product.m4a', 'm4a', 7300],
    ['audio/fr/interview-left.mp3', 'mp3', 3448],
  ])('measures %s', async (name, container, durationMs) => {
    expect(await probe(demo(name))).toMatchObject({ container, durationMs, video: null, videoDurationMs: null });
  });

  it.each([
    ['lossless.m4a', 'its sound cannot be read here (Apple Lossless, alac); ffmpeg -i in.m4a -vn out.wav'],
    ['mpeg2.mov', 'its pictures cannot be read here (MPEG-2, m2v1); ffmpeg -i in.mov -c:v libx264'],
    ['lossless-sound.mov', 'its sound cannot be read here (Apple Lossless, alac); ffmpeg -i in.mov -c:v copy -c:a aac'],
  ])('names the codec of %s, and the command that mends it', async (name, said) => {
    const { code, message } = await failure(fixture(name));
    expect(code).toBe('MEDIA_UNREADABLE');
    expect(message).toContain(`${name}: ${said}`);
  });

  it('knows an MP3 that is named .wav', async () => {
    await copyFile(demo('audio/de/safety.mp3'), inFolder('named.wav'));
    expect(await probe(inFolder('named.wav'))).toMatchObject({ container: 'mp3', audio: { codec: 'mp3' } });
  });

  it('measures a WAV file', async () => {
    const path = await writeWav(inFolder('tone.wav'), { hertz: 300, seconds: 1.2345, sampleRate: 22_050, channels: 2 });
    expect(await probe(path)).toMatchObject({
      container: 'wav',
      durationMs: 1235,
      audio: { codec: 'pcm-s16', channels: 2, sampleRate: 22_050 },
    });
  });

  it('says what is wrong with a file that can not be used', async () => {
    await writeFile(inFolder('empty.mp4'), '');
    await writeFile(inFolder('page.mp4'), '<!doctype html><title>404</title>');
    await mkdir(inFolder('folder.mp4'));
    expect(await failure(inFolder('missing.mp4'))).toMatchObject({
      code: 'MEDIA_MISSING',
      message: `${inFolder('missing.mp4')} does not exist`,
    });
    expect(await failure(inFolder('empty.mp4'))).toMatchObject({ code: 'MEDIA_EMPTY' });
    expect(await failure(inFolder('page.mp4'))).toMatchObject({ code: 'MEDIA_UNREADABLE' });
    expect(await failure(inFolder('folder.mp4'))).toMatchObject({ code: 'MEDIA_UNREADABLE' });
    expect(await failure(fixture('image.jpg'))).toMatchObject({ code: 'MEDIA_UNREADABLE' });
    await symlink(inFolder('circle.mp3'), inFolder('circle.mp3'));
    const circle = { code: 'MEDIA_UNREADABLE', message: expect.stringContaining('a link that leads in a circle') };
    expect(await failure(inFolder('circle.mp3'))).toMatchObject(circle);
  });

  it('refuses a playlist, which would make it open other files', async () => {
    await writeFile(
      inFolder('list.m3u8'),
      '#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n/etc/hostname\n#EXT-X-ENDLIST\n',
    );
    expect(await failure(inFolder('list.m3u8'))).toMatchObject({ code: 'MEDIA_UNREADABLE' });
  });

  it('throws the reason of an abort', async () => {
    const reason = new Error('enough');
    await expect(probe(demo('welcome.mp4'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
