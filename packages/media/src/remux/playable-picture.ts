/** What Chromium plays inside MP4. VP8 and ProRes may be stored there, and are not played. */
const PLAYABLE: readonly string[] = ['avc', 'hevc', 'vp9', 'av1'];

/** Whether `remux` takes pictures of this codec, as `probe` names it: they are copied, never encoded anew. */
export function isPlayablePicture(codec: string): boolean {
  return PLAYABLE.includes(codec);
}
