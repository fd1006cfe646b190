import { open } from 'node:fs/promises';
import { type Box, boxesIn, clearBoxTimes, readBoxHead } from '../isobmff/boxes.js';
import { withLanguages } from '../isobmff/extended-language.js';
import { moveTrackChunks } from '../isobmff/tagged-movie.js';

/** Boxes in which boxes with times, or with the places of chunks, lie. */
const CONTAINERS = new Set(['moov', 'trak', 'mdia', 'minf', 'stbl']);

/** What follows the index is moved in one piece up to this size; a larger file has room behind its index. */
const MOST_MOVED_BYTES = 64 * 2 ** 20;

/**
 * Does to the index of an MP4 that was just written what the library leaves undone. Times of creation and change become
 * 0, which means unknown: the same packets, tags and tracks make the same file, whenever it is written. And every track
 * gets its whole language tag, of which the library writes three letters.
 */
export async function settleIndex(path: string, languageTag: string | undefined): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const { size } = await file.stat();
    const index = await readIndex(file, size);
    if (index === null) return;
    for (const each of innerBoxes(index.content)) clearBoxTimes(index.content, each);
    const grown = languageTag === undefined ? null : withLanguages(index.content, languageTag);
    if (grown !== null && (await replaceIndex(file, size, index, grown))) return;
    await file.write(index.content, 0, index.content.length, index.position);
  } finally {
    await file.close();
  }
}

type File = Awaited<ReturnType<typeof open>>;

interface Index {
  readonly position: number;
  readonly content: Buffer;
}

async function readIndex(file: File, size: number): Promise<Index | null> {
  for (let position = 0; position + 8 <= size; ) {
    const { type, bytes } = await headAt(file, position);
    const length = bytes || size - position;
    if (type === 'moov') return { position, content: await readAt(file, position, length) };
    position += Math.max(8, length);
  }
  return null;
}

/** @returns `false`, with the file as it was, where there is no room and moving what follows would take too much memory */
async function replaceIndex(file: File, size: number, { position, content }: Index, grown: Buffer): Promise<boolean> {
  const end = position + content.length;
  const by = grown.length - content.length;
  const next = end + 8 <= size ? await headAt(file, end) : null;
  if (next?.type === 'free' && next.bytes >= by + 8) {
    const rest = Buffer.alloc(8);
    rest.writeUInt32BE(next.bytes - by);
    rest.write('free', 4, 'latin1');
    await writeAt(file, Buffer.concat([grown, rest]), position);
    return true;
  }
  if (size - end > MOST_MOVED_BYTES) return false;
  for (const each of innerBoxes(grown)) {
    const isMoved = !/^(stco|co64)$/.test(each.type) || moveTrackChunks(grown, each, { from: position, to: end }, by);
    if (!isMoved) return false;
  }
  const tail = await readAt(file, end, size - end);
  await writeAt(file, Buffer.concat([grown, tail]), position);
  return true;
}

function* innerBoxes(content: Buffer, from = 0, to = content.length): Generator<Box, void, undefined> {
  for (const each of boxesIn(content, from, to) ?? []) {
    yield each;
    if (CONTAINERS.has(each.type)) yield* innerBoxes(content, each.start, each.end);
  }
}

async function headAt(file: File, position: number) {
  const { buffer } = await file.read(Buffer.alloc(16), 0, 16, position);
  return readBoxHead(buffer);
}

async function readAt(file: File, position: number, length: number): Promise<Buffer> {
  const content = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(content, at, length - at, position + at);
    if (bytesRead === 0) throw new Error('the file ended while its index was read');
    at += bytesRead;
  }
  return content;
}

async function writeAt(file: File, content: Buffer, position: number): Promise<void> {
  for (let at = 0; at < content.length; ) {
    const { bytesWritten } = await file.write(content, at, content.length - at, position + at);
    at += bytesWritten;
  }
}
