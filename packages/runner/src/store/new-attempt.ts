import type { AttemptRow } from './store.js';

/** What a row says of an attempt before anything has come back of it. */
export const NOTHING_YET = {
  part: 1,
  wallAhead: 0,
  expectedMicros: null,
  quotedMicros: null,
  repliedAt: null,
  acceptedAt: null,
  runningAt: null,
  endedAt: null,
  downloadAt: null,
  downloadedAt: null,
  fetchedBy: null,
  pollAt: null,
  polls: 0,
  missing: 0,
  missingSince: null,
  unknownStatus: null,
  searches: 0,
  searchAt: null,
  outputUrl: null,
  seed: null,
  failure: null,
} as const satisfies Partial<AttemptRow>;
