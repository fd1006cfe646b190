import { formatUsd, plainText } from '@localize/core';
import { catalogue } from '@localize/providers';
import type { ChangedJob, JobStanding, RunWithRemakes } from '@localize/runner';
import type { CommandContext } from '../definitions.js';
import { displacedWords } from '../output/plan-text.js';
import { buildPlanView, type PlanRemake } from '../output/plan-view.js';

/** A question lists so many videos; `localize plan` has them all. */
const LISTED = 10;

/**
 * Asks whether finished videos that the manifest or a review wants differently are bought again; without a yes the run
 * keeps them as they are. Approved ones are not offered. Says no where nobody can answer, or none of them has room under
 * the budget.
 * @param again the run that makes them again
 */
export async function offerRemakes(
  context: Pick<CommandContext, 'ask' | 'err'>,
  again: Pick<RunWithRemakes, 'plan' | 'waiting' | 'displaced'>,
  from: {
    standings: ReadonlyMap<string, JobStanding>;
    changed: readonly ChangedJob[];
    selected: (key: string) => boolean;
  },
): Promise<boolean> {
  if (context.ask === null) return false;
  const { standings, changed, selected } = from;
  const view = buildPlanView(again.plan, { standings, changed, catalogue, selected, withRemakes: again });
  const remakes = view.remakes.filter(({ approved }) => !approved);
  if (remakes.length === 0) return false;
  const rest = remakes.length - LISTED;
  const lines = [...remakes.slice(0, LISTED).map(remakeLine), ...(rest > 0 ? [`  and ${rest} more`] : [])];
  context.err.write(`Finished, and asked for differently since:\n${lines.join('\n')}\n`);
  const bought = remakes.filter(({ waits }) => !waits);
  if (bought.length === 0) {
    context.err.write('The budget has no room to make any of them again; they stay as they are.\n');
    return false;
  }
  return context.ask(
    `Make ${videoWords(bought.length, remakes.length)} again for ${totalWords(bought)}${roomWords(again)}?`,
  );
}

function videoWords(bought: number, all: number): string {
  if (bought < all) return `${bought} of these ${all} videos`;
  return all === 1 ? 'this video' : `these ${all} videos`;
}

/** What a yes would cost besides money. */
function roomWords({ displaced }: Pick<RunWithRemakes, 'displaced'>): string {
  return displaced === 0 ? '' : `; ${displacedWords(displaced)} for money`;
}

function remakeLine({ key, fields, micros, waits }: PlanRemake): string {
  const price = micros === null ? 'price unknown' : `$${formatUsd(micros)}`;
  return `  ${plainText(key)}: ${fields.join(', ')}, ${price}${waits ? ', for which the budget has no room' : ''}`;
}

function totalWords(remakes: readonly PlanRemake[]): string {
  const known = remakes.reduce((sum, { micros }) => sum + (micros ?? 0), 0);
  const unknown = remakes.filter(({ micros }) => micros === null).length;
  if (unknown === remakes.length) return 'an unknown price';
  return `$${formatUsd(known)}${unknown === 0 ? '' : ` and ${unknown} of unknown price`}`;
}
