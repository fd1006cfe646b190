import { createReadStream } from 'node:fs';

/**
 * A video that tells its seed in its first picture, where the codec has room for that, and in its last box: as a file it is
 * shared by all seeds, and those bytes alone are of one.
 */
export interface SeededVideo {
  file: string;
  /** Of the file and its end. */
  bytes: number;
  /** In the place of what the file has there; `null`: nothing. */
  patch: { at: number; note: Buffer } | null;
  end: Buffer;
}

/** Tells whose note it is: nothing else begins like it. */
const OURS = Buffer.from('localize.emulate', 'latin1');
/** As long for every seed. */
const SEED_LENGTH = 32;

/** What the first picture of a video carries: copies of its packets have it too. */
export function seedNote(seed: number | null): Buffer {
  const words = seed === null ? '' : `seed ${seed}`;
  return Buffer.concat([OURS, Buffer.from(words.padEnd(SEED_LENGTH).slice(0, SEED_LENGTH), 'latin1')]);
}

/** Where a file has such a note; `null`: nowhere. */
export async function findSeedNote(file: string): Promise<number | null> {
  let position = 0;
  let last = Buffer.alloc(0);
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    const bytes = Buffer.concat([last, chunk]);
    const found = bytes.indexOf(OURS);
    if (found !== -1) return position - last.length + found;
    position += chunk.length;
    last = bytes.subarray(-OURS.length);
  }
  return null;
}

/** The box `free`, which players pass over and those who copy the packets keep where it is. */
export function seedBox(seed: number): Buffer {
  const text = Buffer.from(`seed ${seed}`, 'latin1');
  const head = Buffer.alloc(8);
  head.writeUInt32BE(head.length + text.length);
  head.write('free', 4, 'latin1');
  return Buffer.concat([head, text]);
}

/** The bytes from `start` on, `length` of them. */
export async function* readSeeded(
  { file, bytes, patch, end }: SeededVideo,
  start = 0,
  length = bytes,
): AsyncGenerator<Buffer, void, undefined> {
  const fileBytes = bytes - end.length;
  const stop = start + length;
  if (start < Math.min(stop, fileBytes)) {
    let position = start;
    const chunks = createReadStream(file, { start, end: Math.min(stop, fileBytes) - 1 }) as AsyncIterable<Buffer>;
    for await (const chunk of chunks) {
      yield patch === null ? chunk : patched(chunk, position, patch);
      position += chunk.length;
    }
  }
  if (stop > fileBytes) yield end.subarray(Math.max(0, start - fileBytes), stop - fileBytes);
}

/** @param position of the chunk in the file */
function patched(chunk: Buffer, position: number, { at, note }: NonNullable<SeededVideo['patch']>): Buffer {
  const from = Math.max(at, position);
  const to = Math.min(at + note.length, position + chunk.length);
  if (from < to) note.copy(chunk, from - position, from - at, to - at);
  return chunk;
}
