import { dirname, resolve } from 'node:path';
import { LocalizeError, type MoneyWait, type Plan, parseUsd, type Snapshot } from '@localize/core';
import type { Store } from '@localize/runner';
import { type Selection, selectsAll } from '../select/select-jobs.js';
import { planChanges, refuseChanged } from './plan-changes.js';
import { pinnedTo, readPlanFile } from './read-plan-file.js';
import { type SavedPlan, waitsIn } from './saved-plan.js';

/** A saved plan, ready to be carried out. */
export interface OpenPlan {
  /** The jobs that it was made of. */
  readonly selection: Selection;
  /** Whether it says to make finished jobs again, and approved ones too. */
  readonly remakes: Remakes;
  /** Whether a finished job, by its key, is one of those. */
  readonly remakeOnly: (key: string) => boolean;
  /** Jobs that it would buy or make again if the caps had had room for them, by key. */
  readonly left: ReadonlyMap<string, MoneyWait>;
  /** The manifest's plan, with the saved jobs on their saved routes. */
  readonly plan: Plan;
  /** @throws LocalizeError PLAN_CHANGED when the run would do anything else than was saved */
  check(store: Store | null, before: () => Snapshot, selected: (key: string) => boolean): Promise<void>;
}

interface Remakes {
  readonly remake?: boolean | undefined;
  readonly includeApproved?: boolean | undefined;
}

/**
 * @param asked what the command that carries it out asks for besides
 * @throws LocalizeError PLAN_UNUSABLE; USAGE when the command asks for anything else than the plan says
 */
export function openPlanFile(
  file: string,
  from: { cwd: string; plan: Plan; manifestPath: string; asked: Selection & Remakes },
): OpenPlan {
  const { cwd, plan, manifestPath, asked } = from;
  const folder = dirname(manifestPath);
  if (!selectsAll(asked)) {
    throw new LocalizeError('USAGE', '--plan says which jobs to run; the options that select jobs exclude it');
  }
  const saved = readPlanFile(resolve(cwd, file), file);
  if (saved.batch !== plan.batch) {
    throw new LocalizeError(
      'PLAN_UNUSABLE',
      `${file} is a plan of the batch ${saved.batch}, and this is ${plan.batch}`,
    );
  }
  const { remake = false, include_approved: includeApproved = false } = saved;
  if ((asked.remake && !remake) || (asked.includeApproved && !includeApproved)) {
    const flag = asked.remake && !remake ? '--remake' : '--include-approved';
    throw new LocalizeError('USAGE', `${file} does not say to make finished videos again, and it is all that is done`, {
      hint: `save a plan that does: localize plan ${asked.includeApproved ? '--remake --include-approved' : flag} --out FILE`,
    });
  }
  const remade = new Set(saved.jobs.flatMap((job) => (job.remake ? [job.key] : [])));
  return {
    selection: saved.selection,
    remakes: { remake, includeApproved },
    remakeOnly: (key) => remade.has(key),
    left: leftIn(saved),
    plan: pinnedTo(saved, plan),
    check: async (store, before, selected) =>
      refuseChanged(file, await planChanges(saved, { plan, before: before(), selected, store, folder, manifestPath })),
  };
}

function leftIn(saved: SavedPlan): ReadonlyMap<string, MoneyWait> {
  return new Map(
    [...waitsIn(saved)].map(([key, { needed_usd: needed, caps, until }]) => {
      return [key, { neededMicros: parseUsd(needed), caps, ...(until && { until }) }] as const;
    }),
  );
}
