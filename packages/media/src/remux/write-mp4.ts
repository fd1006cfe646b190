import { rename, rm } from 'node:fs/promises';
import {
  EncodedAudioPacketSource,
  EncodedVideoPacketSource,
  FilePathTarget,
  Mp4OutputFormat,
  Output,
} from 'mediabunny';
import type { Mp4Tags } from '../isobmff/tagged-movie.js';
import type { PictureTrack, SoundTrack, TrackPacket } from './packet-track.js';
import { partialName } from './partial-name.js';
import { settleIndex } from './settle-index.js';

export interface Mp4Plan {
  picture: PictureTrack;
  sounds: readonly SoundTrack[];
  /** Length of the output. */
  endSeconds: number;
  /** What players show of the file. */
  tags?: Mp4Tags;
  /** Up to about this many bytes are held in memory; 32 MiB unless told. */
  inMemoryBytes?: number;
}

const IN_MEMORY_BYTES = 32 * 2 ** 20;

/** Written at once. The library would take 16 MiB for each file, however short. */
const WRITTEN_BYTES = 256 * 2 ** 10;

/** A stereo track of good quality. */
const SOUND_BYTES_PER_SECOND = 24_000;

/** The shortest audio packet of any codec is longer than 2.5 ms; the usual ones are 20 to 30 ms. */
const MAX_SOUND_PACKETS_PER_SECOND = 400;

/**
 * Writes an MP4 whose index is at its start. It is written under a temporary name beside `path` and renamed, so that
 * `path` is never a part of a file. Errors of reading come as the tracks throw them, those of writing as the file
 * system does.
 */
export async function writeMp4(path: string, plan: Mp4Plan, signal?: AbortSignal): Promise<void> {
  const partial = partialName(path);
  // The index comes first. A small file is put together in memory; for a large one room is left at its start, which
  // needs an upper bound of the packets.
  const estimatedBytes = plan.picture.estimatedBytes + plan.endSeconds * SOUND_BYTES_PER_SECOND;
  const large = estimatedBytes > (plan.inMemoryBytes ?? IN_MEMORY_BYTES);
  const maximumPictures = large ? await plan.picture.countPackets() : undefined;
  const output = new Output({
    format: new Mp4OutputFormat({ fastStart: large ? 'reserve' : 'in-memory' }),
    target: new FilePathTarget(partial, { chunkSize: WRITTEN_BYTES }),
  });
  const lanes = addTracks(output, plan, maximumPictures);
  if (plan.tags) output.setMetadataTags({ title: plan.tags.title });
  try {
    await output.start();
    await writeInterleaved(lanes, signal);
    await output.finalize();
    await settleIndex(partial, plan.tags?.languageTag);
    signal?.throwIfAborted();
    await rename(partial, path);
  } catch (error) {
    await output.cancel().catch(() => {});
    await rm(partial, { force: true });
    throw error;
  } finally {
    // Ends decoders and encoders that a track still holds.
    for (const lane of lanes) await lane.stop();
  }
}

/** One track being written: what comes next, and how to write it. */
interface Lane {
  next: Promise<IteratorResult<TrackPacket<unknown>, void>>;
  advance(): Promise<IteratorResult<TrackPacket<unknown>, void>>;
  write(entry: TrackPacket<unknown>): Promise<void>;
  end(): void;
  stop(): Promise<unknown>;
}

function addTracks(output: Output, plan: Mp4Plan, maximumPictures: number | undefined): Lane[] {
  const video = new EncodedVideoPacketSource(plan.picture.codec);
  const about = aboutTrack(plan.tags);
  output.addVideoTrack(video, {
    ...about,
    rotation: plan.picture.rotation,
    ...(maximumPictures === undefined ? {} : { maximumPacketCount: maximumPictures }),
  });
  const lanes = [createLane(plan.picture.packets(), video)];
  for (const [index, sound] of plan.sounds.entries()) {
    const audio = new EncodedAudioPacketSource(sound.codec);
    const maximumPacketCount = Math.ceil(plan.endSeconds * MAX_SOUND_PACKETS_PER_SECOND) + 16;
    // Players take the one that is marked as the default.
    const disposition = { default: index === 0 };
    const limit = maximumPictures === undefined ? {} : { maximumPacketCount };
    output.addAudioTrack(audio, { ...about, disposition, ...limit });
    lanes.push(createLane(sound.packets(), audio));
  }
  return lanes;
}

function aboutTrack(tags: Mp4Tags | undefined): { languageCode?: string; name?: string } {
  return tags === undefined ? {} : { languageCode: tags.languageCode, name: tags.trackName };
}

function createLane<Meta>(
  packets: AsyncGenerator<TrackPacket<Meta>, void, undefined>,
  sink: { add(packet: TrackPacket<Meta>['packet'], meta?: Meta): Promise<void>; close(): void },
): Lane {
  const advance = () => {
    const next = packets.next();
    // It is awaited later, or never when another track fails first.
    next.catch(() => {});
    return next;
  };
  return {
    next: advance(),
    advance,
    write: (entry) => sink.add(entry.packet, entry.meta as Meta),
    end: () => sink.close(),
    stop: () => packets.return().catch(() => {}),
  };
}

/** Writes the earliest packet of all tracks again and again, so that what plays together lies together. */
async function writeInterleaved(lanes: Lane[], signal: AbortSignal | undefined): Promise<void> {
  let open = lanes;
  while (open.length > 0) {
    signal?.throwIfAborted();
    let earliest: { lane: Lane; entry: TrackPacket<unknown> } | null = null;
    for (const lane of [...open]) {
      const next = await lane.next;
      if (next.done) {
        lane.end();
        open = open.filter((other) => other !== lane);
      } else if (earliest === null || next.value.packet.timestamp < earliest.entry.packet.timestamp) {
        earliest = { lane, entry: next.value };
      }
    }
    if (earliest === null) continue;
    await earliest.lane.write(earliest.entry);
    earliest.lane.next = earliest.lane.advance();
  }
}
