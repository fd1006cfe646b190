import { extname } from 'node:path';
import type { InputTrack } from 'mediabunny';
import { COMMANDS } from './convert-command.js';
import { MediaError } from './media-error.js';

/** What people call codecs that cannot be read here, by the names that containers have for them. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/^(A_)?alac$/i, 'Apple Lossless'],
  [/^(AVdn|AVdh)$/, 'DNxHD'],
  [/^(A_DTS|dts[ceh+-]?)/i, 'DTS'],
  [/^(V_MPEG2|mp2v|m2v1|mpg2)$/i, 'MPEG-2'],
];

/** Says what a track is made with that cannot be read here, and the command that makes it readable. */
export async function unknownCodec(
  track: InputTrack,
  { name, of }: { name: string; of: keyof typeof COMMANDS },
): Promise<MediaError> {
  const id = await track.getInternalCodecId();
  const what = of === 'video' ? 'its pictures' : 'its sound';
  const command = COMMANDS[of](extname(name));
  return new MediaError('MEDIA_UNREADABLE', `${name}: ${what} cannot be read here (${codecName(id)}); ${command}`);
}

function codecName(id: string | number | Uint8Array | null): string {
  if (id === null || typeof id === 'object') return 'the codec is not known';
  const known = NAMES.find(([pattern]) => pattern.test(String(id)))?.[1];
  return known === undefined
    ? `codec ${typeof id === 'string' ? id.trim() : `0x${id.toString(16)}`}`
    : `${known}, ${id}`;
}
