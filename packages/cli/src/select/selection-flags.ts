import { type SnapshotFrame, shellWord } from '@localize/core';
import type { Selection } from './select-jobs.js';

/** What a snapshot of just these jobs says of that. */
export function selectedAs(selection: Selection): Pick<SnapshotFrame, 'selection'> {
  const flags = selectionFlags(selection);
  return flags === undefined ? {} : { selection: flags };
}

/** The options that ask for the same jobs, as they are typed into a shell; `undefined` where all are asked for. */
function selectionFlags({ only, lang, video, provider, failed, limit }: Selection): string | undefined {
  const lists = Object.entries({ only, lang, video, provider }).flatMap(([name, values]) =>
    (values ?? []).map((value) => `--${name} ${shellWord(value)}`),
  );
  const flags = [...lists, ...(failed ? ['--failed'] : []), ...(limit === undefined ? [] : [`--limit ${limit}`])];
  return flags.length === 0 ? undefined : flags.join(' ');
}
