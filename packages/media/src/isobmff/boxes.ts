/** One box of an MP4 inside a buffer, by positions in that buffer. */
export interface Box {
  readonly type: string;
  /** Where its header starts. */
  readonly at: number;
  /** Where its content starts and ends. */
  readonly start: number;
  readonly end: number;
}

const HEADER_BYTES = 8;

/** The boxes that fill a stretch of a buffer; `null` when they don't end where it ends. */
export function boxesIn(content: Buffer, from: number, to: number): Box[] | null {
  const boxes: Box[] = [];
  let at = from;
  while (at + HEADER_BYTES <= to) {
    const length = content.readUInt32BE(at);
    if (length < HEADER_BYTES || at + length > to) return null;
    boxes.push({ type: typeAt(content, at + 4), at, start: at + HEADER_BYTES, end: at + length });
    at += length;
  }
  return at === to ? boxes : null;
}

const MOST_TYPES = 256;
const types = new Map<number, string>();

/** Its four letters, by the number that they are too: an index is made of the same thirty types again and again. */
export function typeAt(content: Buffer, at: number): string {
  const code = content.readUInt32BE(at);
  const known = types.get(code);
  if (known !== undefined) return known;
  const type = content.toString('latin1', at, at + 4);
  if (types.size < MOST_TYPES) types.set(code, type);
  return type;
}

/** A box of these parts. */
export function box(type: string, ...parts: readonly Uint8Array[]): Buffer {
  return Buffer.concat(boxPieces(type, parts));
}

/** The same as its header and the parts, which a box around it takes up without copying them once more. */
export function boxPieces(type: string, parts: readonly Uint8Array[]): Uint8Array[] {
  const head = Buffer.allocUnsafe(HEADER_BYTES);
  head.writeUInt32BE(HEADER_BYTES + bytesIn(parts));
  head.write(type, 4, 'latin1');
  return [head, ...parts];
}

/** How long pieces are together. */
export function bytesIn(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}

/** What the header of a box at the top level says; 16 bytes hold it. `bytes` is 0 where it goes on to the end. */
export function readBoxHead(head: Buffer): { readonly type: string; readonly bytes: number } {
  const size = head.readUInt32BE(0);
  const bytes = size === 1 && head.length >= 16 ? Number(head.readBigUInt64BE(8)) : size;
  return { type: head.toString('latin1', 4, 8), bytes };
}

const WITH_TIMES = new Set(['mvhd', 'tkhd', 'mdhd']);

/** Sets the times of creation and change in a movie's, a track's or a media's header to 0, which means unknown. */
export function clearBoxTimes(content: Buffer, { type, start }: Box): void {
  if (!WITH_TIMES.has(type)) return;
  // Both follow the version and the flags; a later version has them in eight bytes each.
  content.fill(0, start + 4, start + (content[start] === 1 ? 20 : 12));
}
