import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { contentTypeOf } from '@localize/runner';

/** A file as an HTTP response, whole or the one range that was asked for: players seek by ranges. */
export async function sendFile(path: string, range: string | undefined, headOnly: boolean): Promise<Response> {
  const facts = await stat(path).catch(() => null);
  if (!facts?.isFile()) return new Response(null, { status: 404 });
  const { size } = facts;
  const headers = { 'content-type': contentTypeOf(path), 'accept-ranges': 'bytes' };
  const part = readRange(range, size);
  if (part === 'unsatisfiable') {
    return new Response(null, { status: 416, headers: { 'content-range': `bytes */${size}` } });
  }
  const { start, end } = part ?? { start: 0, end: size - 1 };
  const length = { 'content-length': String(end - start + 1) };
  const about = part ? { 'content-range': `bytes ${start}-${end}/${size}` } : {};
  const body =
    headOnly || size === 0 ? null : (Readable.toWeb(createReadStream(path, { start, end })) as ReadableStream);
  return new Response(body, { status: part ? 206 : 200, headers: { ...headers, ...length, ...about } });
}

interface ByteRange {
  readonly start: number;
  /** Inclusive. */
  readonly end: number;
}

/** `null` where the whole file is due: no range, or one that a server may ignore. */
function readRange(text: string | undefined, size: number): ByteRange | 'unsatisfiable' | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(text ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const [first, last] = [match[1] ?? '', match[2] ?? ''];
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return start > end || start >= size ? 'unsatisfiable' : { start, end };
}
