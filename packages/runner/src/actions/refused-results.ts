import { basename, dirname, join } from 'node:path';
import { formatUsd, ORIGINALS_FOLDER, PREVIEW_FOLDER, REPORT_FOLDER } from '@localize/core';
import { eq } from 'drizzle-orm';
import { sha256File } from '../content/hash-file.js';
import { mayBeRead } from '../content/if-readable.js';
import { lookAt } from '../content/regular-file.js';
import type { FoundResults, KnownResult } from '../content/result-index.js';
import type { RunContext } from '../run-context.js';
import { isInBooks, predictionOf } from '../store/money/adopted.js';
import { jobs } from '../store/schema/schema.js';

/** A video in an adopted folder that is no output now. */
export interface RefusedResult {
  /** Absolute. */
  readonly path: string;
  readonly reason: string;
  /** Something is wrong with it. Otherwise nobody asked for it. */
  readonly unusable: boolean;
}

/** Everything in a folder that did not become an output, with the reason, by path. */
export async function refusedResults(context: RunContext, found: FoundResults): Promise<RefusedResult[]> {
  const made = madeFingerprints(context);
  const isMade = ({ sidecar }: KnownResult) => made.has(sidecar.fingerprint) && isOfThisKind(context, sidecar);
  const refused = await Promise.all(
    found.results.filter((result) => !isMade(result)).map((result) => refusedResult(context, result)),
  );
  const unusable = (reason: string) => (path: string) => ({ path, reason, unusable: true });
  const bare = found.bare.filter((path) => !isKeptBeside(path, found.results));
  return [
    ...refused,
    ...found.closed.map(unusable(DENIED)),
    ...found.unreadable.map(unusable('its sidecar cannot be read')),
    ...bare.map(unusable('it has no sidecar')),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What the batch's finished jobs are made of. */
function madeFingerprints({ store, batchId }: RunContext): ReadonlySet<string | null> {
  const rows = store.db.select().from(jobs).where(eq(jobs.batchId, batchId)).all();
  return new Set(rows.filter(({ state }) => state === 'succeeded').map(({ fingerprint }) => fingerprint));
}

async function refusedResult(context: RunContext, { path, sidecar }: KnownResult): Promise<RefusedResult> {
  const fault = await faultOf(path, sidecar);
  if (fault !== null) return { path, reason: fault, unusable: true };
  return { path, reason: whyUnwanted(context, sidecar), unusable: false };
}

const DENIED = 'it may not be read (permission denied)';

async function faultOf(path: string, { bytes, sha256 }: KnownResult['sidecar']): Promise<string | null> {
  const found = lookAt(path);
  if (found.kind === 'nothing') return 'its video is not there, only the sidecar';
  if (found.kind !== 'file') return found.words;
  if (found.facts.size !== bytes) return `it has ${found.facts.size} bytes, and its sidecar tells of ${bytes}`;
  if (!(await mayBeRead(path))) return DENIED;
  return (await sha256File(path)) === sha256 ? null : 'its bytes are not those that its sidecar tells of (SHA-256)';
}

function whyUnwanted(context: RunContext, sidecar: KnownResult['sidecar']): string {
  if (!isOfThisKind(context, sidecar)) {
    return sidecar.emulated ? 'the emulator made it' : 'a provider made it, and this batch runs on the emulator';
  }
  const isKnown = [...context.plan.jobs].some(({ key }) => key === sidecar.job);
  return isKnown
    ? `${sidecar.job} is made of something else now, or is under way`
    : `it is of ${sidecar.job}, which is no job of this batch; ${costWords(context, sidecar)}`;
}

/** Whether caps count what was paid for it: `its $0.30 is counted under no cap`. */
function costWords({ store, clock }: RunContext, sidecar: KnownResult['sidecar']): string {
  const { billedMicros, estimateMicros } = predictionOf(sidecar, clock.wallMs());
  const micros = billedMicros ?? estimateMicros;
  const cost = micros === null ? 'cost, which nobody knows,' : `$${formatUsd(micros)}`;
  return `its ${cost} ${isInBooks(store, sidecar) ? 'counts under the caps all the same' : 'is counted under no cap'}`;
}

function isOfThisKind({ plan }: RunContext, { emulated }: KnownResult['sidecar']): boolean {
  return emulated === plan.emulate;
}

const FOLDERS_WITHOUT_SIDECARS = new RegExp(`[\\\\/](${ORIGINALS_FOLDER}|${PREVIEW_FOLDER}|${REPORT_FOLDER})[\\\\/]`);

/** Held results, what a provider made under another sound, previews and the videos of reports have no sidecar. */
function isKeptBeside(path: string, results: readonly KnownResult[]): boolean {
  if (/\.held\.[^.]+$/.test(basename(path)) || FOLDERS_WITHOUT_SIDECARS.test(path)) return true;
  return results.some(({ path: video, sidecar }) => {
    const kept = sidecar.finish?.kept;
    return kept ? join(dirname(video), ...kept.split('/')) === path : false;
  });
}
