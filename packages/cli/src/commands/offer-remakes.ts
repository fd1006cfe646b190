import { formatUsd, type Plan, plainText } from '@localize/core';
import { catalogue } from '@localize/providers';
import type { ChangedJob, JobStanding } from '@localize/runner';
import type { CommandContext } from '../definitions.js';
import { buildPlanView, type PlanRemake } from '../output/plan-view.js';

/** A question lists so many videos; `localize plan` has them all. */
const LISTED = 10;

/**
 * Asks whether finished videos that the manifest or a review wants differently are bought again; without a yes the run
 * keeps them as they are. Approved ones are not offered. Says no where nobody can answer.
 */
export async function offerRemakes(
  context: Pick<CommandContext, 'ask' | 'err'>,
  plan: Plan,
  from: {
    standings: ReadonlyMap<string, JobStanding>;
    changed: readonly ChangedJob[];
    selected: (key: string) => boolean;
  },
): Promise<boolean> {
  if (context.ask === null) return false;
  const { standings, changed, selected } = from;
  const view = buildPlanView(plan, { standings, changed, catalogue, selected, retryFailed: false });
  const remakes = view.remakes.filter(({ approved }) => !approved);
  if (remakes.length === 0) return false;
  const rest = remakes.length - LISTED;
  const lines = [...remakes.slice(0, LISTED).map(remakeLine), ...(rest > 0 ? [`  and ${rest} more`] : [])];
  context.err.write(`Finished, and asked for differently since:\n${lines.join('\n')}\n`);
  const videos = remakes.length === 1 ? 'this video' : `these ${remakes.length} videos`;
  return context.ask(`Make ${videos} again for ${totalWords(remakes)}?`);
}

function remakeLine({ key, fields, micros }: PlanRemake): string {
  return `  ${plainText(key)}: ${fields.join(', ')}, ${micros === null ? 'price unknown' : `$${formatUsd(micros)}`}`;
}

function totalWords(remakes: readonly PlanRemake[]): string {
  const known = remakes.reduce((sum, { micros }) => sum + (micros ?? 0), 0);
  const unknown = remakes.filter(({ micros }) => micros === null).length;
  if (unknown === remakes.length) return 'an unknown price';
  return `$${formatUsd(known)}${unknown === 0 ? '' : ` and ${unknown} of unknown price`}`;
}
