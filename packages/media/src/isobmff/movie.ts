import { type Box, boxesIn } from './boxes.js';

/** A box with the boxes inside it; none where its inside is not looked into. */
export interface Part extends Box {
  readonly parts: readonly Part[];
}

const SPACE = ['free', 'skip'];

/** What may lie in which box of an index that is understood here. In everything else, something could be lost. */
const KNOWN_PARTS: Readonly<Record<string, readonly string[]>> = {
  moov: ['mvhd', 'trak', 'udta', 'meta', 'iods', ...SPACE],
  trak: ['tkhd', 'edts', 'mdia', 'udta', 'meta', ...SPACE],
  mdia: ['mdhd', 'hdlr', 'elng', 'minf', ...SPACE],
  minf: ['vmhd', 'smhd', 'dinf', 'stbl', ...SPACE],
  stbl: [
    ...['stsd', 'stts', 'ctts', 'cslg', 'stss', 'stps', 'stsc', 'stsz', 'stz2', 'stco', 'co64'],
    ...['sdtp', 'stdp', 'sgpd', 'sbgp', 'subs', 'padb', ...SPACE],
  ],
};

/** Bytes of the content of the boxes that are written to, by their version. */
const HEADER_BYTES: Readonly<Record<string, readonly [number, number]>> = {
  mvhd: [100, 112],
  tkhd: [84, 96],
  mdhd: [24, 36],
};

/** One track of a {@link Movie}. */
export interface MovieTrack {
  readonly trak: Part;
  readonly mdia: Part;
  readonly kind: 'vide' | 'soun';
  /** Where its chunks lie in the file: `stco` or `co64`. */
  readonly chunks: Part;
}

/** The index of an MP4 that is as usual as they come: one track of pictures, then tracks of sound, nothing else. */
export interface Movie {
  readonly moov: Part;
  readonly tracks: readonly MovieTrack[];
}

/**
 * Looks through an index.
 * @param content the whole `moov` box
 * @returns `null` where anything in it is not what is expected
 */
export function readMovie(content: Buffer): Movie | null {
  const [moov, ...rest] = partsIn(content, 0, content.length) ?? [];
  if (moov?.type !== 'moov' || rest.length > 0 || !isWhole(content, only(moov, 'mvhd'))) return null;
  const tracks: MovieTrack[] = [];
  for (const trak of moov.parts) {
    if (trak.type !== 'trak') continue;
    const track = readTrack(content, trak);
    // Players and tools number tracks by their order.
    if (track === null || (track.kind === 'vide') !== (tracks.length === 0)) return null;
    tracks.push(track);
  }
  return tracks.length === 0 ? null : { moov, tracks };
}

function readTrack(content: Buffer, trak: Part): MovieTrack | null {
  const mdia = only(trak, 'mdia');
  const minf = only(mdia, 'minf');
  const stbl = only(minf, 'stbl');
  const chunks = only(stbl, 'stco', 'co64');
  if (!mdia || !chunks || !only(stbl, 'stsd') || !isOwnData(content, only(minf, 'dinf'))) return null;
  if (!isWhole(content, only(trak, 'tkhd')) || !isWhole(content, only(mdia, 'mdhd'))) return null;
  if (!isWholeList(content, chunks)) return null;
  const kind = kindOf(content, only(mdia, 'hdlr'));
  return kind === null ? null : { trak, mdia, kind, chunks };
}

/** How many bytes say where one chunk lies. */
export function chunkBytes({ type }: Box): 4 | 8 {
  return type === 'co64' ? 8 : 4;
}

/** The one part of these types; `undefined` where there is none, or more. */
export function only(box: Part | undefined, ...types: readonly string[]): Part | undefined {
  let found: Part | undefined;
  for (const part of box?.parts ?? NO_PARTS) {
    if (!types.includes(part.type)) continue;
    if (found !== undefined) return undefined;
    found = part;
  }
  return found;
}

const NO_PARTS: readonly Part[] = [];

function partsIn(content: Buffer, from: number, to: number): Part[] | null {
  const boxes = boxesIn(content, from, to);
  if (boxes === null) return null;
  const parts: Part[] = [];
  for (const { type, at, start, end } of boxes) {
    const known = KNOWN_PARTS[type];
    const inside = known === undefined ? NO_PARTS : partsIn(content, start, end);
    if (inside === null || inside.some((part) => !known?.includes(part.type))) return null;
    parts.push({ type, at, start, end, parts: inside });
  }
  return parts;
}

function isWhole(content: Buffer, header: Part | undefined): boolean {
  const version = header && content[header.start];
  return header !== undefined && header.end - header.start === HEADER_BYTES[header.type]?.[version ?? -1];
}

function isWholeList(content: Buffer, chunks: Part): boolean {
  const bytes = chunks.end - chunks.start;
  return bytes >= 8 && bytes === 8 + content.readUInt32BE(chunks.start + 4) * chunkBytes(chunks);
}

/** `dref` with one entry that says: in this very file. */
const OWN_DATA = Buffer.from('\0\0\0\x1cdref\0\0\0\0\0\0\0\x01\0\0\0\x0curl \0\0\0\x01', 'latin1');

function isOwnData(content: Buffer, dinf: Part | undefined): boolean {
  return dinf !== undefined && content.subarray(dinf.start, dinf.end).equals(OWN_DATA);
}

function kindOf(content: Buffer, hdlr: Part | undefined): MovieTrack['kind'] | null {
  if (hdlr === undefined || hdlr.end - hdlr.start < 24) return null;
  const kind = content.toString('latin1', hdlr.start + 8, hdlr.start + 12);
  return kind === 'vide' || kind === 'soun' ? kind : null;
}
