import { extname } from 'node:path';
import { COMMANDS } from './convert-command.js';
import { MediaError } from './media-error.js';

interface Foreign {
  /** As in "is …". */
  readonly what: string;
  /** What it holds that a command can make readable; `null`: nothing. */
  readonly holds: 'audio' | 'video' | null;
}

const WITHOUT_CONTAINER: Foreign = { what: 'H.264 or H.265 without a container', holds: 'video' };

/** How a stream of Annex B begins: a start code, then a delimiter, a parameter set or a note, of H.264 and of H.265. */
const BARE_H264 = ['06', '09', '27', '47', '67', '40', '42', '46', '4e'].flatMap((unit) =>
  ['000001', '00000001'].map((code) => [hex(code + unit), WITHOUT_CONTAINER] as const),
);

/** Files that people take for media that can be used, by how they begin: a text, hex digits, or a pattern. */
const KINDS: readonly (readonly [string | RegExp, Foreign | ((name: string) => Foreign)])[] = [
  [/^RIFF.{4}AVI /s, { what: 'an AVI file', holds: 'video' }],
  ['FLV', { what: 'a Flash video (FLV)', holds: 'video' }],
  [hex('000001ba'), { what: 'an MPEG program stream', holds: 'video' }],
  [hex('000001b3'), { what: 'MPEG video without a container', holds: 'video' }],
  ...BARE_H264,
  ['.RMF', { what: 'a RealMedia file', holds: 'video' }],
  [hex('3026b2758e66cf11'), windowsMedia],
  [/^FORM.{4}AIF[FC]/s, { what: 'an AIFF file', holds: 'audio' }],
  ['caff', { what: 'a Core Audio file (CAF)', holds: 'audio' }],
  ['#!AMR', { what: 'an AMR file', holds: 'audio' }],
  ['.snd', { what: 'an AU file', holds: 'audio' }],
  ['wvpk', { what: 'a WavPack file', holds: 'audio' }],
  [hex('0b77'), { what: 'AC-3 without a container', holds: 'audio' }],
  [/^OggS.{24}\x7fFLAC/s, { what: 'FLAC in Ogg', holds: 'audio' }],
  [/^OggS.{24}Speex/s, { what: 'Speex in Ogg', holds: 'audio' }],
  // One with plain samples can be read.
  [/^RIFF.{4}WAVE/s, { what: 'a WAV file without plain samples (compressed, or damaged)', holds: 'audio' }],
  [/^(\x89PNG|\xff\xd8\xff|GIF8|BM|RIFF.{4}WEBP)/s, { what: 'a picture', holds: null }],
  [/^(\xef\xbb\xbf)?WEBVTT/, { what: 'a file of subtitles (WebVTT)', holds: null }],
  ['%PDF', { what: 'a PDF', holds: null }],
  [hex('504b0304'), { what: 'a ZIP archive', holds: null }],
  [/^(\xef\xbb\xbf)?\s*<(!doctype|html|head|body|\?xml|!--)/i, { what: 'a web page or XML text', holds: null }],
  [/^(\xef\xbb\xbf)?\s*[{[]\s*["{[\]}]/, { what: 'a JSON text', holds: null }],
];

/**
 * What a file is that cannot be read here, with the command that makes it readable where one does.
 * @param head its first bytes, some hundred of them
 * @returns `null` where it is nothing that is known
 */
export function foreignFile(name: string, head: Buffer, cause: unknown): MediaError | null {
  const text = head.toString('latin1');
  const kind = KINDS.find(([begin]) => (typeof begin === 'string' ? text.startsWith(begin) : begin.test(text)))?.[1];
  if (kind === undefined) return null;
  const { what, holds } = typeof kind === 'function' ? kind(name) : kind;
  const why =
    holds === null
      ? 'which is neither audio nor video'
      : `which cannot be read here; ${COMMANDS[holds](extname(name))}`;
  return new MediaError('MEDIA_UNREADABLE', `${name} is ${what}, ${why}`, { cause });
}

function windowsMedia(name: string): Foreign {
  return { what: 'a Windows Media file', holds: /\.(wmv|asf)$/i.test(name) ? 'video' : 'audio' };
}

function hex(digits: string): string {
  return Buffer.from(digits, 'hex').toString('latin1');
}
