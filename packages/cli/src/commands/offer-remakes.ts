import { formatUsd, type Plan, plainText } from '@localize/core';
import { catalogue } from '@localize/providers';
import type { ChangedJob, JobStanding } from '@localize/runner';
import type { RemakeRoom } from '../batch/execute-run.js';
import type { CommandContext } from '../definitions.js';
import { displacedWords } from '../output/plan-text.js';
import { buildPlanView, type PlanRemake } from '../output/plan-view.js';

/** A question lists so many videos; `localize plan` has them all. */
const LISTED = 10;

/**
 * Asks whether finished videos that the manifest or a review wants differently are bought again; without a yes the run
 * keeps them as they are. Approved ones are not offered. Says no where nobody can answer, or none of them has room under
 * the budget.
 * @param plan as a run would carry it out that makes them again
 */
export async function offerRemakes(
  context: Pick<CommandContext, 'ask' | 'err'>,
  plan: Plan,
  from: {
    standings: ReadonlyMap<string, JobStanding>;
    changed: readonly ChangedJob[];
    selected: (key: string) => boolean;
    room: RemakeRoom;
  },
): Promise<boolean> {
  if (context.ask === null) return false;
  const { standings, changed, selected, room } = from;
  const withRemakes = { plan, waiting: room.waiting };
  const view = buildPlanView(plan, { standings, changed, catalogue, selected, withRemakes });
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
    `Make ${videoWords(bought.length, remakes.length)} again for ${totalWords(bought)}${roomWords(room)}?`,
  );
}

function videoWords(bought: number, all: number): string {
  if (bought < all) return `${bought} of these ${all} videos`;
  return all === 1 ? 'this video' : `these ${all} videos`;
}

/** What a yes would cost besides money. */
function roomWords({ displaced }: RemakeRoom): string {
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
