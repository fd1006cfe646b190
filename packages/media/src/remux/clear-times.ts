import { open } from 'node:fs/promises';
import { boxesIn, clearBoxTimes, readBoxHead } from '../isobmff/boxes.js';

/** Boxes in which boxes with times lie. */
const CONTAINERS = new Set(['moov', 'trak', 'mdia']);

/**
 * Sets the times of creation and change in an MP4's index to 0, which means unknown: the same packets, tags and tracks
 * make the same file, whenever it is written.
 */
export async function clearTimes(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const index = await readIndex(file);
    if (index === null) return;
    clearIn(index.content, 0, index.content.length);
    await file.write(index.content, 0, index.content.length, index.position);
  } finally {
    await file.close();
  }
}

type File = Awaited<ReturnType<typeof open>>;

async function readIndex(file: File): Promise<{ position: number; content: Buffer } | null> {
  const { size } = await file.stat();
  for (let position = 0; position + 8 <= size; ) {
    const { buffer: head } = await file.read(Buffer.alloc(16), 0, 16, position);
    const { type, bytes } = readBoxHead(head);
    const length = bytes || size - position;
    if (type === 'moov') {
      const content = Buffer.alloc(length);
      await file.read(content, 0, content.length, position);
      return { position, content };
    }
    position += Math.max(8, length);
  }
  return null;
}

function clearIn(content: Buffer, from: number, to: number): void {
  for (const box of boxesIn(content, from, to) ?? []) {
    clearBoxTimes(content, box);
    if (CONTAINERS.has(box.type)) clearIn(content, box.start, box.end);
  }
}
