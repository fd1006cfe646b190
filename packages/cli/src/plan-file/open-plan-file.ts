import { resolve } from 'node:path';
import { LocalizeError, type Plan, type Snapshot } from '@localize/core';
import type { Store } from '@localize/runner';
import type { Selection } from '../select/select-jobs.js';
import { planChanges, refuseChanged } from './plan-changes.js';
import { pinnedTo, readPlanFile } from './read-plan-file.js';

/** A saved plan, ready to be carried out. */
export interface OpenPlan {
  /** The jobs that it was made of. */
  readonly selection: Selection;
  /** The manifest's plan, with the saved jobs on their saved routes. */
  readonly plan: Plan;
  /** @throws LocalizeError PLAN_CHANGED when the run would do anything else than was saved */
  check(store: Store, before: () => Snapshot, selected: (key: string) => boolean): Promise<void>;
}

/** @throws LocalizeError PLAN_UNUSABLE */
export function openPlanFile(file: string, { cwd, plan }: { cwd: string; plan: Plan }): OpenPlan {
  const saved = readPlanFile(resolve(cwd, file), file);
  if (saved.batch !== plan.batch) {
    throw new LocalizeError(
      'PLAN_UNUSABLE',
      `${file} is a plan of the batch ${saved.batch}, and this is ${plan.batch}`,
    );
  }
  return {
    selection: saved.selection,
    plan: pinnedTo(saved, plan),
    check: async (store, before, selected) =>
      refuseChanged(file, await planChanges(saved, { plan, before: before(), selected, store })),
  };
}
