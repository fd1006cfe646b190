import { hostname } from 'node:os';
import type { ExitCode, Snapshot } from '@localize/core';
import type { RunEvent } from '@localize/runner';
import { executeRun } from './batch/execute-run.js';
import { loadBatch } from './batch/load-batch.js';
import { findManifest } from './batch/manifest-path.js';
import { readVersion } from './infra/process-context.js';
import { type Selection, selectJobs } from './select/select-jobs.js';
import { selectableJobs } from './select/selectable-job.js';

export { type ErrorCode, LocalizeError, type Snapshot } from '@localize/core';
export type { RunEvent } from '@localize/runner';
export { ManifestInvalid } from './errors/manifest-invalid.js';

/** Which jobs: the fields are the command's options of the same names; all jobs when none is given. */
export interface RunBatchOptions extends Selection {
  /** Aborting it ends creates; replies in flight are awaited. Run again to go on. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: RunEvent) => void;
  /** On the built-in emulator: no keys, no money. */
  readonly emulate?: boolean;
  /** Buys finished jobs again whose inputs changed. */
  readonly remake?: boolean;
  /** Re-makes take in outputs that a reviewer approved. */
  readonly includeApproved?: boolean;
  /** Hosts beyond the providers' own that may get a key. */
  readonly allowHosts?: readonly string[];
  /** Path of the state database. */
  readonly state?: string;
  /** Where keys are looked up, beside `.env`; the process's environment by default. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** Relative paths start here; the process's working directory by default. */
  readonly cwd?: string;
}

export interface RunBatchResult {
  /** As the command's exit code: 0 when every selected job succeeded. */
  readonly exit: ExitCode;
  readonly snapshot: Snapshot;
  /** Absolute path of the report's page. */
  readonly report: string | null;
}

/**
 * Runs a manifest, as the command does. It asks nothing: calling it is the yes to spend.
 * @throws ManifestInvalid, LocalizeError
 */
export async function runBatch(path: string, options: RunBatchOptions = {}): Promise<RunBatchResult> {
  const cwd = options.cwd ?? process.cwd();
  const batch = await loadBatch(findManifest(cwd, path), {
    emulate: options.emulate ?? false,
    keepGoing: false,
    color: false,
    signal: options.signal ?? new AbortController().signal,
    cwd,
    state: options.state,
  });
  return executeRun(batch, {
    cwd,
    variables: options.variables ?? process.env,
    version: readVersion(),
    host: hostname(),
    allowHosts: options.allowHosts,
    remake: options.remake,
    includeApproved: options.includeApproved,
    select: (before) => selectJobs(selectableJobs(batch.plan, before), options),
    retryFailed: options.failed,
    stop: options.signal,
    onEvent: options.onEvent,
  });
}
