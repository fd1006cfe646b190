import {
  EXIT,
  type ExitCode,
  expectedCost,
  formatUsd,
  LocalizeError,
  type Micros,
  onlyWord,
  orList,
  plainText,
} from '@localize/core';
import { catalogue, providers } from '@localize/providers';
import {
  type ActionOptions,
  type AttemptRow,
  type Identified,
  listJobs,
  type Settled,
  type Settlement,
  settle as settleJob,
} from '@localize/runner';
import { openQuestions } from '../batch/ask-provider.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { keyMeant, manifestAndKey } from '../select/named-job.js';
import { identifyAt } from './identify-prediction.js';
import { withActions } from './open-actions.js';
import { readUsd } from './read-usd.js';
import { sayStaleReport } from './say-stale-report.js';

export interface SettleOptions extends SharedOptions {
  readonly attempt?: string;
  readonly prediction?: string;
  readonly unchecked?: boolean;
  readonly notBought?: boolean;
  readonly charged?: string;
  readonly abandon?: boolean;
}

/**
 * `localize settle`: the user's word on a create whose reply was lost, or on what a failed prediction cost.
 * @param first the key, and the manifest before or behind it where it is not `./manifest.yaml`
 */
export async function settle(
  context: CommandContext,
  [first, second]: readonly [string | undefined, string | undefined],
  options: SettleOptions,
): Promise<ExitCode> {
  if (first === undefined) {
    throw new LocalizeError('USAGE', "missing required argument 'key'", {
      hint: 'localize status names the jobs whose create has to be settled',
    });
  }
  refuseUnclear(options);
  const charged = options.charged === undefined ? null : readCharged(options.charged);
  const attempt = options.attempt === undefined ? undefined : readNumber(options.attempt);
  const named = manifestAndKey('manifest', [first, second]);
  return withActions(context, named.manifest, options, async ({ batch, options: actions }) => {
    const key = keyIn(actions, named.key);
    const settlement = { ...settlementOf(options, charged), attempt };
    const isFetched = settlement.kind === 'prediction';
    const questions = isFetched && !options.unchecked ? openQuestions(batch, actions.store) : null;
    try {
      const asked = isFetched && questions ? { ...settlement, identify: identifyAt(questions) } : settlement;
      const settled = await settleJob(actions, key, asked);
      const said = saidOf(asked, settled);
      const next = nextWords(key, { ...settled, isFetched, again: batch.again });
      const text = `${key} is settled${said} (${whichWords(settled)}).${openWords(settled.openNumbers)}${next}\n`;
      if (options.json) context.out.write(`${JSON.stringify({ settled: inJson(key, asked, settled) })}\n`);
      if (!options.quiet) context.err.write(text);
      sayStaleReport(context, batch, options);
    } finally {
      await questions?.close();
    }
    return EXIT.ok;
  });
}

/** What was settled as what, and what is left to settle of the job. */
function inJson(key: string, settlement: Settlement, { attempt, identified, openNumbers, state }: Settled): object {
  const micros = expectedCost(attempt);
  return {
    key,
    as: settlement.kind,
    route: attempt.route,
    prediction_id: settlement.kind === 'prediction' ? settlement.predictionId : attempt.predictionId,
    sent_at: new Date(attempt.sentAt + attempt.wallAhead).toISOString(),
    expected_usd: micros === null ? null : formatUsd(micros),
    identified,
    state,
    open_attempts: openNumbers,
  };
}

/** As the state has it; what it has not is refused by that name. */
function keyIn({ store, batch }: ActionOptions, named: string): string {
  return keyMeant(named, new Set(listJobs(store, batch).map(({ key }) => key))) ?? named;
}

function refuseUnclear({ attempt, prediction, unchecked, notBought, charged, abandon }: SettleOptions): void {
  const said = [notBought, charged !== undefined, abandon].filter(Boolean).length;
  const isNamed = prediction !== undefined;
  if (said > 1 || (said === 0 && !isNamed) || (isNamed && abandon)) {
    throw new LocalizeError(
      'USAGE',
      'settle needs exactly one of --prediction ID, --not-bought, --charged USD and --abandon',
      { hint: 'beside --not-bought or --charged, --prediction ID says which failed prediction is meant' },
    );
  }
  if (attempt !== undefined && isNamed && said > 0) {
    throw new LocalizeError('USAGE', '--attempt and --prediction both say which is meant: one of them is enough');
  }
  if (prediction?.trim() === '') throw new LocalizeError('USAGE', '--prediction needs the prediction’s id');
  if (unchecked && (!isNamed || said > 0)) throw new LocalizeError('USAGE', '--unchecked goes with --prediction ID');
}

function readNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text.trim())) return Number(text);
  throw new LocalizeError('USAGE', '--attempt takes the number of an attempt, from 1', {
    hint: 'localize logs KEY numbers them',
  });
}

function readCharged(text: string): Micros {
  // What has been charged is a fact: nothing to be rounded.
  if (/\.\d{6}\d*[1-9]\d*$/.test(text.trim())) {
    throw new LocalizeError('USAGE', `--charged takes no less than a millionth of a dollar, not ${text}`);
  }
  const micros = readUsd('--charged', text, 'up');
  if (micros > 0) return micros;
  throw new LocalizeError('USAGE', '--charged takes more than nothing; --not-bought says that it was not charged');
}

function settlementOf({ prediction, notBought }: SettleOptions, charged: Micros | null): Settlement {
  if (charged !== null) return { kind: 'charged', micros: charged, predictionId: prediction };
  if (notBought) return { kind: 'not-bought', predictionId: prediction };
  if (prediction === undefined) return { kind: 'abandon' };
  return { kind: 'prediction', predictionId: prediction, referenceFor, identify: null };
}

/** Which of its attempts: a job may have several. */
function whichWords({ attempt, formerBatch }: Settled): string {
  const { route, predictionId, sentAt, wallAhead } = attempt;
  const sent = new Date(sentAt + wallAhead).toISOString();
  const what = predictionId === null ? `the create of ${sent}` : `prediction ${plainText(predictionId)} of ${sent}`;
  const micros = expectedCost(attempt);
  const name = formerBatch === undefined ? '' : `, bought as batch ${plainText(formerBatch)}`;
  return `${what} at ${route}${name}, ${micros === null ? 'at an unknown price' : `expected to cost $${formatUsd(micros)}`}`;
}

function openWords(numbers: readonly number[]): string {
  if (numbers.length === 0) return '';
  const named = numbers.map((number) => `--attempt ${number}`);
  return ` Not settled yet are further lost creates of it: ${orList(named, 'and')}.`;
}

/** What carries it on, if anything does. A job that was canceled, or is by giving its create up, waits for another word. */
function nextWords(
  key: string,
  { state, isFetched, again }: Pick<Settled, 'state'> & { readonly isFetched: boolean; readonly again: string },
): string {
  if (state === 'succeeded') return '';
  if (state === 'failed') return ` To have it bought again: localize retry ${again} --only ${onlyWord(key)}`;
  if (state !== 'canceled') return ` To go on: localize ${again}`;
  const what = isFetched ? 'have what was bought, for free' : 'have it bought';
  return ` It is canceled; to ${what}: localize retry ${again} --only ${onlyWord(key)}`;
}

function saidOf(settlement: Settlement, { attempt, identified }: Settled): string {
  switch (settlement.kind) {
    case 'prediction':
      return namedWords(settlement.predictionId, identified);
    case 'charged':
      return `: $${formatUsd(settlement.micros)} is booked as charged${lostWords(attempt)}${insteadWords(attempt, settlement.micros)}`;
    case 'not-bought':
      return attempt.predictionId === null ? '' : `: it is booked as not charged${insteadWords(attempt, 0)}`;
    case 'abandon':
      return '';
  }
}

/** A create whose reply was lost is fetched by nobody. */
function lostWords({ predictionId, state }: AttemptRow): string {
  return predictionId === null && state !== 'failed' ? ' and lost' : '';
}

/** What the books had before, where that was another amount. */
function insteadWords({ billedMicros }: AttemptRow, micros: Micros): string {
  if (billedMicros === null || billedMicros === micros) return '';
  return `, instead of ${billedMicros === 0 ? 'nothing' : `$${formatUsd(billedMicros)}`}`;
}

function namedWords(predictionId: string, identified: Identified): string {
  if (identified === null) return ` with ${predictionId}, which was not checked`;
  return identified === 'same'
    ? `: ${predictionId} was made of what was sent`
    : `: its provider knows ${predictionId}, and does not say what it was made of`;
}

function referenceFor(routeId: string, predictionId: string) {
  const route = catalogue.routes.find(({ id }) => id === routeId);
  const provider = route ? providers.get(route.provider) : undefined;
  if (route === undefined || provider === undefined) throw new Error(`the catalogue has no route ${routeId}`);
  return provider.referenceFor(route, predictionId);
}
