import {
  expectedCost,
  formatUsd,
  HOLD_REASONS,
  type HoldReason,
  type JobSnapshot,
  mendCommand,
  mendEdited,
  OUTPUT_EDITED,
  onlyWord,
  openMoneyWords,
  shellWord,
} from '@localize/core';
import { placeOf } from '../../content/whole-output.js';
import { numberAmongLost } from '../attempt-numbers.js';
import { type LostUnderFormerName, lostUnderFormerName } from '../former/former-names.js';
import type { Prices } from '../money/accepted-prices.js';
import { settleCommand } from '../money/route-blocks.js';
import { expectedPrice, lostPrice } from '../money/seen-prices.js';
import { prepared } from '../prepared.js';
import { findRow, readRows } from '../rows.js';
import { batches, jobs } from '../schema/schema.js';
import type { JobRow, Store, ToldAttempt } from '../store.js';
import type { SnapshotOptions } from './snapshot-options.js';

type Trouble = Pick<JobSnapshot, 'reason' | 'mend'>;

/** For whom it is told. */
type Told = Pick<SnapshotOptions, 'manifest' | 'prices'>;

/** Why a job stopped short, what that may cost, and the command that mends it. */
export function troubleOf(store: Store, row: JobRow, own: readonly ToldAttempt[], options: Told): Trouble {
  const trouble = whyStopped(store, row, own, options);
  return isFileInWay(row) ? withFileInWay(trouble) : trouble;
}

/** Whether making a video again came to nothing, and somebody has put another file in the place of the one that it had. */
export function isFileInWay({ state, holdReason, standing }: JobRow): boolean {
  const isStopped = state === 'failed' || state === 'canceled' || holdReason === 'too-short';
  return isStopped && standing !== null && placeOf(standing.output) === 'other';
}

export const OTHER_IN_PLACE = 'another file lies in the place of its earlier video, and is left alone';

/** Neither is another video made for that place, nor the former one put back, before the file is out of the way. */
function withFileInWay({ reason, mend }: Trouble): Trouble {
  const moved = mend?.replaceAll(/(^| \| )(?=localize (?:retry|review) )/g, '$1move the file away, then: ') ?? null;
  if (moved === mend) return { reason, mend };
  return { reason: `${withoutStop(reason ?? 'making it again came to nothing')}; ${OTHER_IN_PLACE}`, mend: moved };
}

/** A provider's sentence, for more to be said behind it. */
export function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}

/** A job, and what its trouble is told with. */
interface Case {
  readonly store: Store;
  readonly row: JobRow;
  readonly own: readonly ToldAttempt[];
  readonly manifest: string;
  readonly prices: Prices;
  /** What commands about it name. */
  readonly names: { readonly manifest: string; readonly key: string; readonly provider: string | undefined };
}

const NO_TROUBLE: Trouble = { reason: null, mend: null };

function whyStopped(store: Store, row: JobRow, own: readonly ToldAttempt[], { manifest, prices = {} }: Told): Trouble {
  const names = { manifest, key: row.key, provider: own.at(-1)?.provider };
  const told: Case = { store, row, own, manifest, prices, names };
  const detail = row.failure?.message;
  if (row.state === 'succeeded' && row.edited) return { reason: OUTPUT_EDITED.words, mend: mendEdited(names) };
  if (row.state === 'succeeded') return billMissing(row, own, names);
  if (row.state === 'failed') return whyFailed(told);
  if (row.state === 'downloading' && detail) {
    return { reason: `the result is paid for and is asked for again: ${detail}`, mend: null };
  }
  const canceled = row.state === 'canceled' ? whyCanceled(told) : null;
  if (canceled !== null) return canceled;
  const former = lostUnderFormerName(store, row);
  if (former !== null) return formerTrouble(store, former, names);
  return row.state === 'held' && row.holdReason !== null ? whyHeld(told, row.holdReason) : NO_TROUBLE;
}

function whyFailed(told: Case): Trouble {
  const { row, own, names } = told;
  const charge = untoldFailures(own).length > 0 ? ` | ${settleCharge(own, names)}` : '';
  const back = withdrawal(told);
  return {
    reason: row.failure?.message ?? 'it failed at the provider',
    mend: `${retryCommand(names)}${charge}${back}`,
  };
}

/** `null`: there is nothing to say of it but that. */
function whyCanceled(told: Case): Trouble | null {
  const { row, own, names } = told;
  if (own.some(({ state }) => state === 'uncertain')) {
    const reason = `canceled, while nobody knows whether its create was bought${openMoneyWords(own)}`;
    return { reason, mend: mendCommand('uncertain', lostNames(told)) };
  }
  if (own.some(({ id, state }) => state === 'completed' && id === row.attemptId)) {
    const reason = 'canceled, but bought: its result is paid for, and `retry` fetches it for free';
    return { reason, mend: `${retryCommand(names)}${withdrawal(told)}` };
  }
  const untold = untoldFailures(own);
  if (untold.length > 0) {
    const money = openMoneyWords(untold.map((attempt) => ({ ...attempt, state: 'uncertain' })));
    const reason = `canceled, and nobody says whether its prediction was charged${money}`;
    return { reason, mend: settleCharge(own, names) };
  }
  if (row.standing === null) return null;
  return { reason: 'making it again was canceled', mend: `${retryCommand(names)}${withdrawal(told)}` };
}

function whyHeld(told: Case, why: HoldReason): Trouble {
  const { store, row, own, manifest, prices, names } = told;
  const detail = row.failure?.message;
  const { words } = HOLD_REASONS[why];
  if (why === 'price-lost') return { reason: `${words}: ${detail}`, mend: mendLostPrice(store, row, manifest) };
  const costs = why === 'lost' ? lostWords(store, row, own, prices) : openMoneyWords(own);
  const reason = `${detail ? `${words}: ${detail}` : words}${costs}`;
  const back = why === 'too-short' ? withdrawal(told) : '';
  const uncertain = () => ({ ...lostNames(told), candidates: candidatesOf(store, row.id) });
  const mend = mendCommand(why, why === 'uncertain' ? uncertain() : names);
  return { reason, mend: `${mend}${settleBill(own, names)}${back}` };
}

function lostNames({ store, row, names }: Case) {
  return { ...names, attempt: numberAmongLost(store, row.id) };
}

function retryCommand({ manifest, key }: Case['names']): string {
  return `localize retry ${manifest} --only ${onlyWord(key)}`;
}

/** Failed predictions of which nobody has said whether they were charged. */
function untoldFailures(own: readonly ToldAttempt[]): ToldAttempt[] {
  return own.filter(({ state, billedMicros }) => state === 'failed' && billedMicros === null);
}

/** Says of its failures whether they were charged, each by name where it has several: with what each is expected to have cost. */
function settleCharge(own: readonly ToldAttempt[], { manifest, key }: { manifest: string; key: string }): string {
  const failed = own.filter(({ state }) => state === 'failed');
  const untold = untoldFailures(own);
  const command = `localize settle ${manifest} ${shellWord(key)}`;
  const ways = untold.flatMap((attempt) => {
    const micros = expectedCost(attempt);
    const charged = `--charged ${micros === null ? '<what it cost in USD>' : formatUsd(micros)}`;
    if (failed.length === 1 || attempt.predictionId === null) return [`${command} --not-bought | ${charged}`];
    const named = `${command} --prediction ${shellWord(attempt.predictionId)}`;
    return [`${named} --not-bought`, `${named} ${charged}`];
  });
  return ways.join(' | ');
}

/** Of a video that is there and whose bill no reply and no price list tells for sure: that only its provider's page shows. */
function billMissing(
  row: JobRow,
  own: readonly ToldAttempt[],
  { manifest, key }: { manifest: string; key: string },
): Trouble {
  const made = own.find(({ id }) => id === row.attemptId);
  if (made?.state !== 'completed' || made.billedMicros !== null) return NO_TROUBLE;
  const money = openMoneyWords([{ ...made, state: 'uncertain' }]);
  return { reason: `its video is there, and nobody says what it cost${money}`, mend: chargedCommand(manifest, key) };
}

/** The further way to mend a result of which no price list tells the bill for sure. */
function settleBill(own: readonly ToldAttempt[], { manifest, key }: { manifest: string; key: string }): string {
  const isOpen = own.some(
    ({ state, billedMicros, expectedMicros }) =>
      state === 'completed' && billedMicros === null && expectedMicros !== null,
  );
  return isOpen ? ` | ${chargedCommand(manifest, key)}` : '';
}

function chargedCommand(manifest: string, key: string): string {
  return `localize settle ${manifest} ${shellWord(key)} --charged <what it cost in USD>`;
}

/** The same as a further way to mend it. */
function withdrawal({ store, row, manifest }: Case): string {
  const back = withdrawalOf(store, row, manifest);
  return back === null ? '' : ` | ${back}`;
}

/** What has the job take its former video back, which reviewers wanted made again; `null` where none of them did. */
export function withdrawalOf(store: Store, { id, key, standing }: JobRow, manifest: string): string | null {
  if (standing === null) return null;
  const redo = prepared<[number, string], unknown>(store, 'SELECT 1 FROM redos WHERE job_id = ? AND sha256 = ?');
  if (redo.get(id, standing.output.sha256) === undefined) return null;
  return `localize review --withdraw ${onlyWord(key)} -m ${manifest}`;
}

/** What a job waits for that was bought under its batch's former name, and the command that settles it under this one. */
export function formerTrouble(
  store: Store,
  { attempt, batch }: LostUnderFormerName,
  { manifest, key }: { readonly manifest: string; readonly key: string },
): { readonly reason: string; readonly mend: string } {
  const reason = `as batch ${batch}, ${HOLD_REASONS.uncertain.words}${openMoneyWords([attempt])}`;
  const { provider, jobId } = attempt;
  return {
    reason,
    mend: mendCommand('uncertain', {
      manifest,
      key,
      provider,
      candidates: candidatesOf(store, jobId),
      attempt: numberAmongLost(store, jobId),
    }),
  };
}

/** Once the other job's create is settled, a run is all that it takes. */
function mendLostPrice(store: Store, { batchId, planned }: JobRow, manifest: string): string {
  const own = findRow(store, batches, 'WHERE id = ?', batchId);
  const routes = planned.choices.map(({ route }) => route);
  const lost = routes.map((route) => lostPrice(store, route, 0)).find((each) => each !== null);
  return own && lost ? settleCommand(lost, { batch: own.name, manifest }) : `localize ${manifest}`;
}

/** What each command does about a lost result, and what that costs. */
function lostWords(
  store: Store,
  { attemptId, planned, choice: index }: JobRow,
  own: readonly ToldAttempt[],
  prices: Prices,
): string {
  const choice = planned.choices[index];
  const micros = choice === undefined ? null : expectedPrice(store, choice, planned.durationMs, prices).micros;
  const price = micros === null ? 'at an unknown price' : `for $${formatUsd(micros)}`;
  const lost = own.find(({ id }) => id === attemptId);
  const mayBeAsked = lost !== undefined && lost.predictionId !== null && lost.searches === 0;
  if (!mayBeAsked) return `; \`retry\` buys another ${price}`;
  return `; each run and the first \`retry\` ask the provider for it again, for free, and a second \`retry\` buys another ${price}`;
}

/**
 * What {@link troubleOf} says of a batch's held jobs by rows that are not their own, in one text: what a list has shown of
 * lost creates, and whose create has to be settled before a price is known.
 */
export function troublesByOthers(store: Store, batchId: number): string {
  const held = `WHERE batch_id = ? AND state = 'held' AND hold_reason IN ('uncertain', 'price-lost') ORDER BY id`;
  const rows = readRows(store, jobs, { tail: held }, batchId);
  const words = rows.map((row) => {
    return row.holdReason === 'uncertain' ? candidatesOf(store, row.id) : mendLostPrice(store, row, '');
  });
  return JSON.stringify(words);
}

const MOST_CANDIDATES = 3;

/** Predictions that the provider listed when a lost create was last looked for, and that no attempt owns; likeliest first. */
function candidatesOf(store: Store, jobId: number): string[] {
  const ids = prepared<[number], { id: string }>(
    store,
    `SELECT candidate.value ->> 'predictionId' AS id
       FROM (SELECT data, attempt_id FROM history WHERE job_id = ? AND kind = 'candidates' ORDER BY id DESC LIMIT 1) last
         JOIN attempts lost ON lost.id = last.attempt_id, json_each(last.data) candidate
       WHERE NOT EXISTS (SELECT 1 FROM attempts WHERE prediction_id = candidate.value ->> 'predictionId')
       ORDER BY candidate.value ->> 'inputs' = 'same' DESC,
                abs(coalesce(candidate.value ->> 'createdAtMs', 0) - lost.sent_at)`,
  ).all(jobId);
  return ids.slice(0, MOST_CANDIDATES).map(({ id }) => id);
}
