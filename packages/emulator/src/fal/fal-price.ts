/** $0.30 a second of output, in third-party captures of the model's page [3p]. */
export const FAL_UNIT_PRICE_MICROS = 300_000;
/** Frames a second of the output [assumed; a third-party wrapper reckons the same]. */
export const FAL_FRAMES_PER_SECOND = 25;
/** "If the number of frames is greater than 81, the video will be generated with 1.25x more billing units" [page fal]. */
const SURCHARGED_ABOVE = 81;

/** Billing units of an output: its seconds, times 1.25 above 81 frames. No factor for 720p is known. */
export function billingUnits(frames: number): number {
  return (frames / FAL_FRAMES_PER_SECOND) * (frames > SURCHARGED_ABOVE ? 1.25 : 1);
}

/** The same in micro-dollars: a frame is 12,000, surcharged 15,000. */
export function falPriceMicros(frames: number): number {
  const perFrame = FAL_UNIT_PRICE_MICROS / FAL_FRAMES_PER_SECOND;
  return frames * (frames > SURCHARGED_ABOVE ? (perFrame * 5) / 4 : perFrame);
}
