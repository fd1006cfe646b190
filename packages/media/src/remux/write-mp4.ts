import { randomBytes } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  EncodedAudioPacketSource,
  EncodedVideoPacketSource,
  FilePathTarget,
  Mp4OutputFormat,
  Output,
} from 'mediabunny';
import type { PictureTrack, SoundTrack, TrackPacket } from './packet-track.js';

export interface Mp4Plan {
  picture: PictureTrack;
  sounds: readonly SoundTrack[];
  /** Length of the output. */
  endSeconds: number;
  /** Up to about this many bytes are held in memory; 32 MiB unless told. */
  inMemoryBytes?: number;
}

const IN_MEMORY_BYTES = 32 * 2 ** 20;

/** The shortest audio packet of any codec is longer than 2.5 ms; the usual ones are 20 to 30 ms. */
const MAX_SOUND_PACKETS_PER_SECOND = 400;

/**
 * Writes an MP4 whose index is at its start. It is written under a temporary name beside `path` and renamed, so that
 * `path` is never a part of a file. Errors of reading come as the tracks throw them, those of writing as the file
 * system does.
 */
export async function writeMp4(path: string, plan: Mp4Plan, signal?: AbortSignal): Promise<void> {
  const partial = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.part`);
  // The index comes first. A small file is put together in memory; for a large one room is left at its start, which
  // needs an upper bound of the packets.
  const large = plan.picture.estimatedBytes > (plan.inMemoryBytes ?? IN_MEMORY_BYTES);
  const maximumPictures = large ? await plan.picture.countPackets() : undefined;
  const output = new Output({
    format: new Mp4OutputFormat({ fastStart: large ? 'reserve' : 'in-memory' }),
    target: new FilePathTarget(partial),
  });
  try {
    const lanes = addTracks(output, plan, maximumPictures);
    await output.start();
    await writeInterleaved(lanes, signal);
    await output.finalize();
    signal?.throwIfAborted();
    await rename(partial, path);
  } catch (error) {
    await output.cancel().catch(() => {});
    await rm(partial, { force: true });
    throw error;
  }
}

/** One track being written: what comes next, and how to write it. */
interface Lane {
  next: Promise<IteratorResult<TrackPacket<unknown>, void>>;
  advance(): Promise<IteratorResult<TrackPacket<unknown>, void>>;
  write(entry: TrackPacket<unknown>): Promise<void>;
  end(): void;
}

function addTracks(output: Output, plan: Mp4Plan, maximumPictures: number | undefined): Lane[] {
  const video = new EncodedVideoPacketSource(plan.picture.codec);
  output.addVideoTrack(video, {
    rotation: plan.picture.rotation,
    ...(maximumPictures === undefined ? {} : { maximumPacketCount: maximumPictures }),
  });
  const lanes = [createLane(plan.picture.packets(), video)];
  for (const sound of plan.sounds) {
    const audio = new EncodedAudioPacketSource(sound.codec);
    const maximumPacketCount = Math.ceil(plan.endSeconds * MAX_SOUND_PACKETS_PER_SECOND) + 16;
    output.addAudioTrack(audio, maximumPictures === undefined ? {} : { maximumPacketCount });
    lanes.push(createLane(sound.packets(), audio));
  }
  return lanes;
}

function createLane<Meta>(
  packets: AsyncGenerator<TrackPacket<Meta>, void, undefined>,
  sink: { add(packet: TrackPacket<Meta>['packet'], meta?: Meta): Promise<void>; close(): void },
): Lane {
  return {
    next: packets.next(),
    advance: () => packets.next(),
    write: (entry) => sink.add(entry.packet, entry.meta as Meta),
    end: () => sink.close(),
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
