const MIB = 2 ** 20;
/** The smallest that S3 takes. */
const USUAL_PART = 5 * MIB;
/** S3 takes 10 000 parts an object. */
const MOST_PARTS = 10_000;

/** How large the parts of a file of `bytes` are: as small as the limit of their number lets them be, since each is held in memory. */
export function partBytes(bytes: number): number {
  return Math.max(USUAL_PART, Math.ceil(bytes / MOST_PARTS / MIB) * MIB);
}
