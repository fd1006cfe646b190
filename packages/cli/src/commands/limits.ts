import {
  EXIT,
  type ExitCode,
  type LaneLimits,
  LocalizeError,
  nearestWord,
  type ProviderSettings,
  parseDuration,
} from '@localize/core';
import { isAtWork, openStore, setLaneLimits, systemClock } from '@localize/runner';
import type { LoadedBatch } from '../batch/load-batch.js';
import { isLaneOf, variablesOf } from '../batch/plan-lanes.js';
import { lanesNow } from '../batch/take-status.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { laneJson } from '../output/lane-json.js';
import { laneLines } from '../output/lane-text.js';
import { refuseNetworkFolder } from '../state/network-folder.js';
import { openBatch } from './open-batch.js';

export interface LimitsOptions extends SharedOptions {
  readonly manifest?: string;
  readonly concurrent?: string;
  readonly creates?: string;
  readonly per?: string;
  readonly account?: string;
  readonly key?: string;
  readonly reset?: boolean;
}

/**
 * `localize limits`: shows the limits in force and how full each lane is; with new limits, sets them in the state first.
 * A run that is at work takes them up within a second, and they hold until they are reset.
 */
export async function limits(
  context: CommandContext,
  given: readonly [first: string | undefined, second: string | undefined],
  options: LimitsOptions,
): Promise<ExitCode> {
  const to = readChange(options);
  const { provider, manifest } = readTarget(given, options);
  const batch = await openBatch(context, manifest, { ...options, keepGoing: true, knownPlans: true });
  const settings = provider === undefined ? null : settingsOf(batch, provider);
  const variables = chosenVariables(settings, options);
  if (to !== null) {
    if (settings === null)
      throw usage('say which provider’s limits to set', 'localize limits eachlabs --concurrent 20');
    change(batch, settings, variables, to);
  }
  show(context, batch, options, { provider, variables });
  return EXIT.ok;
}

/** A provider and a manifest, or either alone: no provider is called like a file. */
function readTarget([first, second]: readonly [string | undefined, string | undefined], { manifest }: LimitsOptions) {
  if (first !== undefined && second === undefined && /[./\\]/.test(first)) {
    if (manifest !== undefined) throw usage(`the manifest is named twice: ${first} and ${manifest}`);
    return { provider: undefined, manifest: first };
  }
  if (second !== undefined && manifest !== undefined) {
    throw usage(`the manifest is named twice: ${second} and ${manifest}`);
  }
  return { provider: first, manifest: second ?? manifest };
}

type Change = Partial<LaneLimits> | 'reset' | null;

function readChange({ concurrent, creates, per, reset }: LimitsOptions): Change {
  const given = [concurrent, creates, per].some((value) => value !== undefined);
  if (reset && given) throw usage('--reset takes back what was set; new limits are set without it');
  if (reset) return 'reset';
  if (!given) return null;
  return {
    ...(concurrent === undefined ? {} : { concurrent: readCount('--concurrent', concurrent) }),
    ...(creates === undefined ? {} : { creates: readCount('--creates', creates) }),
    ...(per === undefined ? {} : { perMs: readLength(per) }),
  };
}

function readCount(option: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw usage(`${option} takes a whole number from 1 up, not ${text}`);
}

function readLength(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null && ms > 0) return ms;
  throw usage(`--per takes a length such as 60s or 1m, not ${text}`);
}

function settingsOf({ plan }: LoadedBatch, provider: string): ProviderSettings {
  const settings = plan.providers[provider];
  if (settings !== undefined) return settings;
  const known = Object.keys(plan.providers);
  const nearest = nearestWord(provider, known);
  throw new LocalizeError('LANE_UNKNOWN', `the manifest uses no provider ${provider}`, {
    hint: nearest === null ? `it uses ${known.join(', ')}` : `did you mean ${nearest}?`,
  });
}

/** The key variables of the lane that was named; `null` when none was. */
function chosenVariables(settings: ProviderSettings | null, { key, account }: LimitsOptions): string[] | null {
  if (key === undefined && account === undefined) return null;
  if (settings === null) throw usage('--key and --account choose among one provider’s keys', 'name the provider');
  if (key !== undefined && account !== undefined) throw usage('--key and --account exclude each other');
  const chosen = settings.keys.filter((each) => (key === undefined ? each.account === account : each.variable === key));
  if (chosen.length > 0) return chosen.map(({ variable }) => variable);
  const what = key === undefined ? `account ${account}` : `key ${key}`;
  const known = settings.keys.map(({ variable, account: own }) => (own === null ? variable : `${variable} (${own})`));
  throw new LocalizeError('LANE_UNKNOWN', `${settings.id} has no ${what} in the manifest`, {
    hint: `its keys are ${known.join(', ')}`,
  });
}

function change(
  { plan, location }: LoadedBatch,
  { id }: ProviderSettings,
  variables: readonly string[] | null,
  to: Exclude<Change, null>,
): void {
  refuseNetworkFolder(location.path);
  const store = openStore(location.path);
  try {
    const isChosen = (lane: { host: string; display: string }) =>
      isLaneOf(plan, { ...lane, provider: id }) && variablesOf(lane).some((name) => variables?.includes(name));
    const only = variables === null ? undefined : isChosen;
    const changed = setLaneLimits(store, { provider: id, to, only }, systemClock().nowMs());
    if (variables !== null && changed === 0) throw notMet(id, variables);
  } finally {
    store.close();
  }
}

function notMet(provider: string, variables: readonly string[]): LocalizeError {
  return new LocalizeError('LANE_UNKNOWN', `no run has used ${variables.join(', ')} of ${provider} in this state yet`, {
    hint: `set its limits in the manifest, under providers.${provider}.limits, or those of all of ${provider} without --key`,
  });
}

function show(
  context: CommandContext,
  batch: LoadedBatch,
  { json }: LimitsOptions,
  only: { provider: string | undefined; variables: readonly string[] | null },
): void {
  const { plan, location } = batch;
  const all = lanesNow(batch, context.cwd);
  const lanes = all.lanes.filter(
    ({ provider, lane }) =>
      (only.provider === undefined || only.provider === provider) &&
      (only.variables === null || variablesOf({ display: lane }).some((name) => only.variables?.includes(name))),
  );
  if (json) {
    context.out.write(`${JSON.stringify({ batch: plan.batch, lanes: lanes.map(laneJson) }, null, 2)}\n`);
    return;
  }
  const atWork = isAtWork(location.path, plan.batch);
  for (const line of laneLines(lanes, { nowMs: all.nowMs, atWork, sources: true })) context.out.write(`${line}\n`);
}

function usage(message: string, hint?: string): LocalizeError {
  return new LocalizeError('USAGE', message, hint === undefined ? {} : { hint });
}
