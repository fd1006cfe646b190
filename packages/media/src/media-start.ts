import { type Input, MPEG_TS } from 'mediabunny';

/**
 * Where the clock of a file stands when its first picture or sound begins, in seconds: 1.4 in a transport stream that
 * FFmpeg makes, hours in what was cut from a broadcast. Whoever plays or decodes the file starts there. Less than 0 only in
 * a transport stream, whose clock of 26.5 hours begins anew inside the file: all of it is shown and heard. In others nothing
 * is before 0: what lies there makes a decoder ready, or was cut off.
 */
export async function startOf(input: Input): Promise<number> {
  const [pictures, sounds] = [await input.getVideoTracks(), await input.getAudioTracks()];
  const first = await input.getFirstTimestamp([...pictures, ...sounds]);
  return (await input.getFormat()) === MPEG_TS ? first : Math.max(0, first);
}
