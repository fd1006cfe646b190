const MIB = 2 ** 20;
/** The smallest that S3 takes. */
const USUAL_PART = 5 * MIB;
/** S3 takes 10 000 parts an object. */
const MOST_PARTS = 10_000;
/** What the parts of one file take up in memory while they are sent, where they are not larger than that each. */
const HELD_BYTES = 4 * USUAL_PART;

/** How large the parts of a file of `bytes` are: as small as the limit of their number lets them be, since each is held in memory. */
export function partBytes(bytes: number): number {
  return Math.max(USUAL_PART, Math.ceil(bytes / MOST_PARTS / MIB) * MIB);
}

/** How many parts of that size are sent at once. */
export function partsAtOnce(bytes: number): number {
  return Math.max(1, Math.floor(HELD_BYTES / bytes));
}
