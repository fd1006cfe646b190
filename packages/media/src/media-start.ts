import type { Input } from 'mediabunny';

/**
 * Where the clock of a file stands when its first picture or sound begins, in seconds: 1.4 in a transport stream that
 * FFmpeg makes, hours in what was cut from a broadcast. Whoever plays or decodes the file starts there. Never less than 0,
 * before which nothing is shown or heard: what lies there makes a decoder ready, or was cut off.
 */
export async function startOf(input: Input): Promise<number> {
  const [pictures, sounds] = [await input.getVideoTracks(), await input.getAudioTracks()];
  return Math.max(0, await input.getFirstTimestamp([...pictures, ...sounds]));
}
