/** The library face: what the command is made of, without its display. `docs/library.md` shows how to use it. */
export { type ErrorCode, LocalizeError, type Snapshot } from '@localize/core';
export type { RunEvent } from '@localize/runner';
export type { LoadedBatch } from './batch/load-batch.js';
export { ManifestInvalid } from './errors/manifest-invalid.js';
export { type RunBatchOptions, type RunBatchResult, runBatch } from './run-batch.js';
