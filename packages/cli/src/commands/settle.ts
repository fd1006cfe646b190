import { EXIT, type ExitCode, LocalizeError } from '@localize/core';
import { catalogue, providers } from '@localize/providers';
import { type Settlement, settle as settleJob } from '@localize/runner';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { withActions } from './open-actions.js';

export interface SettleOptions extends SharedOptions {
  readonly prediction?: string;
  readonly notBought?: boolean;
  readonly abandon?: boolean;
}

/** `localize settle`: the user's word on a create whose reply was lost. */
export async function settle(
  context: CommandContext,
  manifest: string,
  key: string,
  options: SettleOptions,
): Promise<ExitCode> {
  const settlement = readSettlement(options);
  return withActions(context, manifest, options, async ({ batch, options: actions }) => {
    await settleJob(actions, key, settlement);
    if (!options.quiet) context.err.write(`${key} is settled. To go on: localize ${batch.again}\n`);
    return EXIT.ok;
  });
}

function readSettlement({ prediction, notBought, abandon }: SettleOptions): Settlement {
  const said = [prediction !== undefined, notBought, abandon].filter(Boolean).length;
  if (said !== 1) {
    throw new LocalizeError('USAGE', 'settle needs exactly one of --prediction ID, --not-bought and --abandon');
  }
  if (prediction !== undefined) return { kind: 'prediction', predictionId: prediction, referenceFor };
  return { kind: notBought ? 'not-bought' : 'abandon' };
}

function referenceFor(routeId: string, predictionId: string) {
  const route = catalogue.routes.find(({ id }) => id === routeId);
  const provider = route ? providers.get(route.provider) : undefined;
  if (route === undefined || provider === undefined) throw new Error(`the catalogue has no route ${routeId}`);
  return provider.referenceFor(route, predictionId);
}
