import {
  assetKey,
  bearsOut,
  billedMilliseconds,
  estimatePrice,
  formatSeconds,
  formatUsd,
  type ProvenBill,
  provenBill,
  type StatedBill,
  voiceSources,
} from '@localize/core';
import { MediaError, probe } from '@localize/media';
import type { RunContext } from '../run-context.js';
import type { AttemptPatch } from '../store/journal.js';
import type { AttemptRow, JobRow } from '../store/store.js';

/** A host that is slow to answer must not keep a video that is there already. */
const LOOK_WITHIN_MS = 20_000;

/** What a bill is by now, and what there is to say of that. */
export interface BillInstead {
  readonly patch: Pick<AttemptPatch, 'billedMicros' | 'costSource' | 'expectedMicros'>;
  readonly message: string;
}

/**
 * A bill by the price list goes by the length that the manifest states of an URL: once the finished video is there, it is
 * held against that, and where it may be another, against the sound itself, of which the headers are read.
 * @returns `null`: it stays what it is
 */
export async function billInstead(
  context: RunContext,
  job: JobRow,
  attempt: AttemptRow,
  outputMs: number,
): Promise<BillInstead | null> {
  const stated = statedBill(context, job, attempt, outputMs);
  if (stated === null || bearsOut(stated)) return null;
  const heardMs = await heardLength(context, job);
  const proven = provenBill({ ...stated, heardMs });
  if (proven.billedMicros === stated.bookedMicros) return null;
  return { patch: patchOf(proven), message: wordsOf(job, { ...stated, heardMs }, proven) };
}

type Stated = Omit<StatedBill, 'heardMs'> & { readonly heardMs: null };

/** `null`: its bill goes by something else than what the manifest states now. */
function statedBill({ plan }: RunContext, job: JobRow, attempt: AttemptRow, outputMs: number): Stated | null {
  const { planned, asPlanned } = job;
  const { route, costSource, billedMicros, estimateMicros, request } = attempt;
  if (!asPlanned || !planned.isLengthStated || costSource !== 'price' || billedMicros === null) return null;
  const formula = plan.prices[route];
  const choice = planned.choices.find((each) => each.route === route);
  if (formula?.kind !== 'per-second' || billedMicros !== estimateMicros) return null;
  const { resolution, frames } = request.input;
  const priceAt = (billedMs: number) =>
    estimatePrice(formula, { billedMs: Math.max(0, billedMs), resolution, frames }).micros;
  // Bought at another price than the manifest has by now.
  if (choice === undefined || (choice.measured ?? choice.estimate).micros !== billedMicros) return null;
  const inTurn = planned.voices.kind === 'two' && planned.voices.order !== 'meanwhile';
  return { bookedMicros: billedMicros, priceAt, heardMs: null, outputMs, inTurn };
}

/** What the route bills of its voices; `null` where one of them cannot be looked at, such as behind an URL that has expired. */
async function heardLength({ freeWork }: RunContext, { planned: { voices } }: JobRow): Promise<number | null> {
  const limited = AbortSignal.any([freeWork, AbortSignal.timeout(LOOK_WITHIN_MS)]);
  const lengths: number[] = [];
  for (const source of voiceSources(voices)) {
    const facts = await probe(assetKey(source), { signal: limited }).catch((error: unknown) => {
      freeWork.throwIfAborted();
      if (MediaError.isInstance(error) || limited.aborted) return null;
      throw error;
    });
    if (facts === null) return null;
    lengths.push(facts.audioDurationMs ?? facts.durationMs);
  }
  const [first = 0, second = 0] = lengths;
  return voices.kind === 'one' ? first : billedMilliseconds(voices.order, first, second);
}

function patchOf({ billedMicros, mostMicros }: ProvenBill): BillInstead['patch'] {
  if (billedMicros !== null) return { billedMicros };
  return { billedMicros, costSource: 'none', expectedMicros: mostMicros };
}

function wordsOf({ key, planned }: JobRow, stated: StatedBill, { billedMicros, mostMicros }: ProvenBill): string {
  const { heardMs, outputMs, bookedMicros } = stated;
  const said =
    planned.durationMs === null ? '' : `, and its duration is stated as ${formatSeconds(planned.durationMs)}`;
  const instead = `$${formatUsd(bookedMicros)} that this comes to`;
  if (billedMicros !== null && heardMs !== null) {
    const heard = `the sound of ${key} is ${formatSeconds(heardMs)} long at its URL${said}`;
    return `${heard}: a provider bills what it measures, so $${formatUsd(billedMicros)} is booked instead of the ${instead}`;
  }
  const video = `the video of ${key} is ${formatSeconds(outputMs)} long${said}, and the sound at its URL could not be measured`;
  const settle = '`localize settle` with `--charged USD` books what its provider shows';
  return `${video}: instead of the ${instead}, up to $${formatUsd(mostMicros)} is at risk; ${settle}`;
}
