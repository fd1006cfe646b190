import {
  EXIT,
  type ExitCode,
  expectedCost,
  formatUsd,
  LocalizeError,
  type Micros,
  onlyWord,
  plainText,
} from '@localize/core';
import { catalogue, providers } from '@localize/providers';
import { type AttemptRow, type Identified, type Settled, type Settlement, settle as settleJob } from '@localize/runner';
import { openQuestions, type Questions } from '../batch/ask-provider.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { identifyAt } from './identify-prediction.js';
import { withActions } from './open-actions.js';
import { readUsd } from './read-usd.js';

export interface SettleOptions extends SharedOptions {
  readonly prediction?: string;
  readonly unchecked?: boolean;
  readonly notBought?: boolean;
  readonly charged?: string;
  readonly abandon?: boolean;
}

/**
 * `localize settle`: the user's word on a create whose reply was lost, or on what a failed prediction cost.
 * @param named the key, and the manifest before or behind it where it is not `./manifest.yaml`
 */
export async function settle(
  context: CommandContext,
  named: readonly [string | undefined, string | undefined],
  options: SettleOptions,
): Promise<ExitCode> {
  const [first, second] = named;
  if (first === undefined) {
    throw new LocalizeError('USAGE', "missing required argument 'key'", {
      hint: 'localize status names the jobs whose create has to be settled',
    });
  }
  refuseUnclear(options);
  const charged = options.charged === undefined ? null : readCharged(options.charged);
  const { manifest, key } = namesOf(first, second);
  return withActions(context, manifest, options, async ({ batch, options: actions }) => {
    const questions =
      options.prediction === undefined || options.unchecked ? null : openQuestions(batch, actions.store);
    try {
      const settled = await settleJob(actions, key, settlementOf(options, charged, questions));
      const said = options.prediction === undefined ? '' : saidOf(options.prediction, settled.identified);
      const next = nextWords(key, { ...settled, isFetched: options.prediction !== undefined, again: batch.again });
      if (!options.quiet) context.err.write(`${key} is settled${said} (${whichWords(settled.attempt)}). ${next}\n`);
    } finally {
      await questions?.close();
    }
    return EXIT.ok;
  });
}

function namesOf(first: string, second: string | undefined): { manifest: string | undefined; key: string } {
  if (second === undefined) return { manifest: undefined, key: first };
  const isManifest = (name: string) => /\.ya?ml$/i.test(name);
  if (isManifest(second) && !isManifest(first)) return { manifest: second, key: first };
  return { manifest: first, key: second };
}

function refuseUnclear({ prediction, unchecked, notBought, charged, abandon }: SettleOptions): void {
  const said = [prediction !== undefined, notBought, charged !== undefined, abandon].filter(Boolean).length;
  if (said !== 1) {
    const words = 'settle needs exactly one of --prediction ID, --not-bought, --charged USD and --abandon';
    throw new LocalizeError('USAGE', words);
  }
  if (prediction?.trim() === '') throw new LocalizeError('USAGE', '--prediction needs the prediction’s id');
  if (unchecked && prediction === undefined) throw new LocalizeError('USAGE', '--unchecked goes with --prediction ID');
}

function readCharged(text: string): Micros {
  const micros = readUsd('--charged', text, 'up');
  if (micros > 0) return micros;
  throw new LocalizeError('USAGE', '--charged takes more than nothing; --not-bought says that it was not charged');
}

function settlementOf(
  { prediction, notBought }: SettleOptions,
  charged: Micros | null,
  questions: Questions | null,
): Settlement {
  if (charged !== null) return { kind: 'charged', micros: charged };
  if (prediction === undefined) return { kind: notBought ? 'not-bought' : 'abandon' };
  const identify = questions && identifyAt(questions);
  return { kind: 'prediction', predictionId: prediction, referenceFor, identify };
}

/** Which of its attempts: a job may have several. */
function whichWords(attempt: AttemptRow): string {
  const { route, predictionId, sentAt, wallAhead } = attempt;
  const sent = new Date(sentAt + wallAhead).toISOString();
  const what = predictionId === null ? `the create of ${sent}` : `prediction ${plainText(predictionId)} of ${sent}`;
  const micros = expectedCost(attempt);
  return `${what} at ${route}, ${micros === null ? 'at an unknown price' : `expected to cost $${formatUsd(micros)}`}`;
}

/** What carries it on. A job that was canceled, or is by giving its create up, waits for another word. */
function nextWords(
  key: string,
  { state, isFetched, again }: Pick<Settled, 'state'> & { readonly isFetched: boolean; readonly again: string },
): string {
  if (state === 'failed') return `To have it bought again: localize retry ${again} --only ${onlyWord(key)}`;
  if (state !== 'canceled') return `To go on: localize ${again}`;
  const what = isFetched ? 'have what was bought, for free' : 'have it bought';
  return `It is canceled; to ${what}: localize retry ${again} --only ${onlyWord(key)}`;
}

function saidOf(predictionId: string, identified: Identified): string {
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
