import { createReadStream } from 'node:fs';

/** A video whose last box tells its seed: as a file it is shared by all seeds, and only its end is of one. */
export interface SeededVideo {
  file: string;
  /** Of the file and its end. */
  bytes: number;
  end: Buffer;
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
  { file, bytes, end }: SeededVideo,
  start = 0,
  length = bytes,
): AsyncGenerator<Buffer, void, undefined> {
  const fileBytes = bytes - end.length;
  const stop = start + length;
  if (start < Math.min(stop, fileBytes)) yield* createReadStream(file, { start, end: Math.min(stop, fileBytes) - 1 });
  if (stop > fileBytes) yield end.subarray(Math.max(0, start - fileBytes), stop - fileBytes);
}
