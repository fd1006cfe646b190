import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RivalOrder } from './order.js';

/** Puts a video on the disk, for clients that only tell where it is. */
export async function saveVideo({ folder }: RivalOrder, index: number, url: string): Promise<void> {
  const { body } = await fetch(url);
  if (body === null) throw new Error('a reply without a body');
  await pipeline(Readable.fromWeb(body as never), createWriteStream(join(folder, `${index}.mp4`)));
}
