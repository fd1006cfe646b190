import { checkContainerEnd } from './container-end.js';
import { isSilent } from './is-silent.js';
import { type FileTimes, openLocalFileHere } from './local-file-here.js';
import type { MediaFacts } from './media-facts.js';
import { mediaOf, type OpenMedia, useMedia, withMedia } from './open-media.js';
import { readFacts } from './probe.js';
import { checkPromisedLength } from './promised-length.js';
import { checkLastPackets } from './verify-video.js';

/**
 * Looks at a file, or at what is behind a URL, as closely as somebody should who is about to pay for work on it: at what
 * it is, whether a local file or an MP3 anywhere is there to its end, and whether an audio file can be heard. The file is opened once.
 *
 * Throws MediaError; an abort is thrown as the signal's reason.
 */
export function inspect(
  source: string,
  { as, signal }: { as: 'video' | 'audio'; signal?: AbortSignal },
): Promise<MediaFacts> {
  return withMedia(source, signal, (media) => inspectOpen(media, as, signal));
}

/** The same of a local file, for a thread that may wait for the disk; with what the file was when it was opened. */
export async function inspectHere(
  path: string,
  as: 'video' | 'audio',
): Promise<{ facts: MediaFacts; times: FileTimes }> {
  const file = openLocalFileHere(path);
  const facts = await useMedia(mediaOf(file), undefined, (media) => inspectOpen(media, as, undefined));
  return { facts, times: file.times };
}

async function inspectOpen(
  media: OpenMedia,
  as: 'video' | 'audio',
  signal: AbortSignal | undefined,
): Promise<MediaFacts> {
  // A header tells of the whole file; only its end shows whether the file has it.
  if (media.file !== null) await checkContainerEnd(media.file);
  const facts = await readFacts(media);
  return as === 'video' ? inspectVideo(media, facts) : inspectAudio(media, facts, signal);
}

async function inspectVideo(media: OpenMedia, facts: MediaFacts): Promise<MediaFacts> {
  if (media.file !== null && facts.video !== null) await checkLastPackets(media);
  return facts;
}

async function inspectAudio(media: OpenMedia, facts: MediaFacts, signal: AbortSignal | undefined): Promise<MediaFacts> {
  await checkPromisedLength(media, facts);
  return facts.audio === null ? facts : { ...facts, silent: await isSilent(media, facts.durationMs, signal) };
}
