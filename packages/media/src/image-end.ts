import type { ImageFacts } from './probe-image.js';

/**
 * Whether an image has picture data and goes on to its end: its first bytes tell a size even where nothing follows.
 * @param content the whole file
 */
export function isWholeImage(format: ImageFacts['format'], content: Buffer): boolean {
  return WHOLE[format](content);
}

const WHOLE: Readonly<Record<ImageFacts['format'], (content: Buffer) => boolean>> = {
  png: isWholePng,
  jpeg: isWholeJpeg,
  gif: isWholeGif,
  webp: isWholeWebp,
};

/** Chunks of length, name, content and checksum, up to `IEND`. */
function isWholePng(content: Buffer): boolean {
  let hasPicture = false;
  for (let at = 8; at + 12 <= content.length; ) {
    const end = at + 12 + content.readUInt32BE(at);
    if (end > content.length) return false;
    const name = content.toString('latin1', at + 4, at + 8);
    if (name === 'IEND') return hasPicture;
    hasPicture ||= name === 'IDAT';
    at = end;
  }
  return false;
}

/** Cameras put more behind the end of the picture. */
function isWholeJpeg(content: Buffer): boolean {
  const scan = content.indexOf(Buffer.from([0xff, 0xda]));
  return scan !== -1 && content.indexOf(Buffer.from([0xff, 0xd9]), scan) !== -1;
}

const GIF_IMAGE = 0x2c;
const GIF_EXTENSION = 0x21;
const GIF_END = 0x3b;

function isWholeGif(content: Buffer): boolean {
  let hasPicture = false;
  let at = 13 + gifTableBytes(content[10]);
  for (;;) {
    const kind = content[at];
    if (kind === GIF_END) return hasPicture;
    if (kind === GIF_IMAGE) {
      hasPicture = true;
      // Its table of colors is followed by a byte about the compression.
      at = afterGifBlocks(content, at + 11 + gifTableBytes(content[at + 9]));
    } else if (kind === GIF_EXTENSION) {
      at = afterGifBlocks(content, at + 2);
    } else {
      return false;
    }
  }
}

/** Three bytes a color, where the flags say that there is a table. */
function gifTableBytes(flags = 0): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}

/** Blocks with their length before them; one without length is the last. */
function afterGifBlocks(content: Buffer, from: number): number {
  let at = from;
  for (let length = content[at]; length !== undefined && length > 0; length = content[at]) at += 1 + length;
  return at + 1;
}

const WEBP_PICTURES = new Set(['VP8 ', 'VP8L', 'ANMF']);

/** A RIFF file: chunks of name, length and content, each of an even number of bytes. */
function isWholeWebp(content: Buffer): boolean {
  const end = 8 + content.readUInt32LE(4);
  if (end > content.length) return false;
  for (let at = 12; at + 8 <= end; ) {
    const length = content.readUInt32LE(at + 4);
    const isPicture = WEBP_PICTURES.has(content.toString('latin1', at, at + 4));
    if (isPicture) return length > 0 && at + 8 + length <= end;
    at += 8 + length + (length % 2);
  }
  return false;
}
