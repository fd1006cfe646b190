import { extname } from 'node:path';
import { COMMANDS } from './convert-command.js';
import { readBoxHead } from './isobmff/boxes.js';
import type { LocalFile } from './local-file.js';
import { MediaError } from './media-error.js';
import { holdsOneOgg, PAGE, PAGE_HEAD_BYTES } from './ogg-pages.js';

/**
 * Checks that the parts which an MP4, MOV, WebM, Matroska, WAV or Ogg file declares are all there, by their declared
 * sizes alone: a few bytes a part. A file of another kind passes; telling what it is, is the demuxer's work.
 *
 * An Ogg file must also be one: its length would else be that of the first.
 *
 * Throws MEDIA_INCOMPLETE, MEDIA_UNREADABLE.
 */
export async function checkContainerEnd(file: LocalFile): Promise<void> {
  const head = await file.readAt(0, 16);
  if (head.length >= 4 && head.readUInt32BE(0) === EBML_ID) await checkSegment(file);
  else if (head.length >= 8 && FIRST_BOXES.has(head.toString('latin1', 4, 8))) await checkBoxes(file);
  else if (/^RIFF.{4}WAVE/s.test(head.toString('latin1'))) await checkWave(file);
  else if (head.toString('latin1', 0, 4) === PAGE) await checkOgg(file);
}

const FIRST_BOXES = new Set(['ftyp', 'styp', 'moov', 'mdat', 'free', 'skip', 'wide', 'pnot']);

/** Walks the boxes of the top level; each must end inside the file, and the index must be among them. */
async function checkBoxes(file: LocalFile): Promise<void> {
  const { path, bytes: size } = file;
  let hasIndex = false;
  for (let position = 0; position < size; ) {
    const head = await file.readAt(position, 16);
    // A few bytes that are no box are padding that some recorders leave.
    if (head.length < 8) break;
    const { type, bytes: declared } = readBoxHead(head);
    // Zeros to the end: space that was set aside for bytes that never came.
    if (declared === 0 && type === '\0\0\0\0') throw incomplete(path, 'its end was never written');
    const end = declared === 0 ? size : position + declared;
    if (declared !== 0 && declared < 8) throw incomplete(path, `its structure breaks off at byte ${position}`);
    if (end > size) throw incomplete(path, `it should have at least ${end} bytes and has ${size}`);
    hasIndex ||= type === 'moov';
    position = end;
  }
  if (!hasIndex) throw incomplete(path, 'its index (moov) is missing');
}

const EBML_ID = 0x1a45dfa3;
const SEGMENT_ID = 0x18538067;

/**
 * The segment of a Matroska file holds everything. Recorders that stream leave its size open, and that of each cluster
 * known, so then its parts are walked; one that is open too is where knowledge ends.
 */
async function checkSegment(file: LocalFile): Promise<void> {
  const { path, bytes: size } = file;
  const header = await readElement(file, 0);
  if (header === null || header.end === null) throw incomplete(path, 'it ends inside its header');
  const segment = await readElement(file, header.end);
  if (segment === null) throw incomplete(path, 'it ends after its header');
  if (segment.id !== SEGMENT_ID) return;
  if (segment.end !== null) {
    if (segment.end > size) throw incomplete(path, `it should have at least ${segment.end} bytes and has ${size}`);
    return;
  }
  for (let position = segment.dataStart; position < size; ) {
    const element = await readElement(file, position);
    if (element === null) throw incomplete(path, `its structure breaks off at byte ${position}`);
    if (element.end === null) return;
    if (element.end > size) throw incomplete(path, `it should have at least ${element.end} bytes and has ${size}`);
    position = element.end;
  }
}

/** The head of one EBML element; `end` is null where its size is left open. Null when the file ends inside it. */
async function readElement(
  file: LocalFile,
  position: number,
): Promise<{ id: number; dataStart: number; end: number | null } | null> {
  const bytes = await file.readAt(position, 12);
  const idLength = vintLength(bytes, 0);
  const sizeLength = vintLength(bytes, idLength);
  if (idLength === 0 || idLength > 4 || sizeLength === 0) return null;
  if (bytes.length < idLength + sizeLength) return null;
  const marker = 1n << BigInt(7 * sizeLength);
  const value = BigInt(`0x${bytes.toString('hex', idLength, idLength + sizeLength)}`) - marker;
  const dataStart = position + idLength + sizeLength;
  const end = value === marker - 1n ? null : dataStart + Number(value);
  return { id: bytes.readUIntBE(0, idLength), dataStart, end };
}

/** Bytes of the number at `offset`, told by the zeros before its first one; 0 when there is none. */
function vintLength(bytes: Buffer, offset: number): number {
  const first = bytes[offset];
  return first === undefined || first === 0 ? 0 : Math.clz32(first) - 23;
}

/** Sizes from here on are of programs that could not know the size when they wrote it. */
const UNKNOWN_WAVE_BYTES = 0x7fff_0000;

/** Walks the chunks of a WAV file up to its sound. */
async function checkWave(file: LocalFile): Promise<void> {
  if ((await file.readAt(4, 4)).readUInt32LE() === 0) throw unfinished(file);
  for (let at = 12; at + 8 <= file.bytes; ) {
    const head = await file.readAt(at, 8);
    const bytes = head.readUInt32LE(4);
    const end = at + 8 + bytes;
    if (head.toString('latin1', 0, 4) === 'data') {
      if (bytes === 0 && end < file.bytes) throw unfinished(file);
      if (bytes < UNKNOWN_WAVE_BYTES && end > file.bytes)
        throw incomplete(file.path, `it should have at least ${end} bytes and has ${file.bytes}`);
      return;
    }
    at = end + (bytes % 2);
  }
}

const FLAGS_AT = 5;
const END_OF_STREAM = 4;
/** A page with its head: 255 segments of 255 bytes. */
const LARGEST_PAGE_BYTES = PAGE_HEAD_BYTES + 255 + 255 * 255;

async function checkOgg(file: LocalFile): Promise<void> {
  await checkLastPage(file);
  if (await holdsOneOgg(file)) return;
  const { path } = file;
  const what = 'several Ogg files one after the other, of which many programs play the first alone';
  throw new MediaError('MEDIA_UNREADABLE', `${path} is ${what}; ${COMMANDS.audio(extname(path))}`);
}

/** The last page of an Ogg file must be there to its end, and be the last one. */
async function checkLastPage(file: LocalFile): Promise<void> {
  const tail = await file.readAt(Math.max(0, file.bytes - LARGEST_PAGE_BYTES), LARGEST_PAGE_BYTES);
  const at = tail.lastIndexOf(PAGE);
  const page = at === -1 ? Buffer.alloc(0) : tail.subarray(at);
  const segments = page[PAGE_HEAD_BYTES - 1] ?? Number.POSITIVE_INFINITY;
  const sizes = page.subarray(PAGE_HEAD_BYTES, PAGE_HEAD_BYTES + segments);
  const bytes = PAGE_HEAD_BYTES + segments + sizes.reduce((sum, size) => sum + size, 0);
  if (sizes.length < segments || bytes > page.length) throw incomplete(file.path, 'its last page is not whole');
  // Nothing else tells a file that was cut between two pages from a whole one. What records a stream may not write it.
  if (((page[FLAGS_AT] ?? 0) & END_OF_STREAM) === 0) {
    const ending = extname(file.path);
    const mend = `if it is all of it, give it an end: ffmpeg -i in${ending} -c copy out${ending}`;
    throw incomplete(file.path, `no page of it says that it is the last one; ${mend}`);
  }
}

/** Programs that stream write the sizes last, and some never do. */
function unfinished({ path }: LocalFile): MediaError {
  return incomplete(path, 'its header says 0 bytes; ffmpeg -i in.wav -c copy out.wav writes a true one');
}

function incomplete(path: string, what: string): MediaError {
  return new MediaError('MEDIA_INCOMPLETE', `${path} is incomplete: ${what}`);
}
