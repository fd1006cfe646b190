import { EXIT, type ExitCode, LocalizeError, onlyWord } from '@localize/core';
import { catalogue, providers } from '@localize/providers';
import { type Identified, type Settled, type Settlement, settle as settleJob } from '@localize/runner';
import { openQuestions, type Questions } from '../batch/ask-provider.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { identifyAt } from './identify-prediction.js';
import { withActions } from './open-actions.js';

export interface SettleOptions extends SharedOptions {
  readonly prediction?: string;
  readonly unchecked?: boolean;
  readonly notBought?: boolean;
  readonly abandon?: boolean;
}

/**
 * `localize settle`: the user's word on a create whose reply was lost.
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
  const { manifest, key } = namesOf(first, second);
  return withActions(context, manifest, options, async ({ batch, options: actions }) => {
    const questions =
      options.prediction === undefined || options.unchecked ? null : openQuestions(batch, actions.store);
    try {
      const settled = await settleJob(actions, key, settlementOf(options, questions));
      const said = options.prediction === undefined ? '' : saidOf(options.prediction, settled.identified);
      const next = nextWords(key, { ...settled, isFetched: options.prediction !== undefined, again: batch.again });
      if (!options.quiet) context.err.write(`${key} is settled${said}. ${next}\n`);
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

function refuseUnclear({ prediction, unchecked, notBought, abandon }: SettleOptions): void {
  const said = [prediction !== undefined, notBought, abandon].filter(Boolean).length;
  if (said !== 1) {
    throw new LocalizeError('USAGE', 'settle needs exactly one of --prediction ID, --not-bought and --abandon');
  }
  if (prediction?.trim() === '') throw new LocalizeError('USAGE', '--prediction needs the prediction’s id');
  if (unchecked && prediction === undefined) throw new LocalizeError('USAGE', '--unchecked goes with --prediction ID');
}

function settlementOf({ prediction, notBought }: SettleOptions, questions: Questions | null): Settlement {
  if (prediction === undefined) return { kind: notBought ? 'not-bought' : 'abandon' };
  const identify = questions && identifyAt(questions);
  return { kind: 'prediction', predictionId: prediction, referenceFor, identify };
}

/** What carries it on. A job that was canceled, or is by giving its create up, waits for another word. */
function nextWords(
  key: string,
  { state, isFetched, again }: Pick<Settled, 'state'> & { readonly isFetched: boolean; readonly again: string },
): string {
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
