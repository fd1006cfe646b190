import { open } from 'node:fs/promises';

interface Box {
  readonly type: string;
  /** Where its content starts and ends. */
  readonly start: number;
  readonly end: number;
}

/** Boxes in which boxes with times lie. */
const CONTAINERS = new Set(['trak', 'mdia']);
const WITH_TIMES = new Set(['mvhd', 'tkhd', 'mdhd']);

/**
 * Sets the times of creation and change in an MP4's index to 0, which means unknown: the same packets, tags and tracks
 * make the same file, whenever it is written.
 */
export async function clearTimes(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const index = await readIndex(file);
    if (index === null) return;
    for (const { start, length } of timesIn(index.content, 0, index.content.length)) {
      await file.write(Buffer.alloc(length), 0, length, index.position + start);
    }
  } finally {
    await file.close();
  }
}

type File = Awaited<ReturnType<typeof open>>;

async function readIndex(file: File): Promise<{ position: number; content: Buffer } | null> {
  const { size } = await file.stat();
  for (let position = 0; position + 8 <= size; ) {
    const { buffer: head } = await file.read(Buffer.alloc(16), 0, 16, position);
    const declared = head.readUInt32BE(0);
    const length = declared === 1 ? Number(head.readBigUInt64BE(8)) : declared || size - position;
    if (head.toString('latin1', 4, 8) === 'moov') {
      const content = Buffer.alloc(length - 8);
      await file.read(content, 0, content.length, position + 8);
      return { position: position + 8, content };
    }
    position += Math.max(8, length);
  }
  return null;
}

/** Both times follow the version and the flags; a later version has them in eight bytes each. */
function timesIn(content: Buffer, from: number, to: number): { start: number; length: number }[] {
  return [...boxesIn(content, from, to)].flatMap(({ type, start, end }) => {
    if (CONTAINERS.has(type)) return timesIn(content, start, end);
    return WITH_TIMES.has(type) ? [{ start: start + 4, length: content[start] === 1 ? 16 : 8 }] : [];
  });
}

function* boxesIn(content: Buffer, from: number, to: number): Generator<Box> {
  for (let position = from; position + 8 <= to; ) {
    const length = content.readUInt32BE(position);
    if (length < 8) return;
    yield { type: content.toString('latin1', position + 4, position + 8), start: position + 8, end: position + length };
    position += length;
  }
}
