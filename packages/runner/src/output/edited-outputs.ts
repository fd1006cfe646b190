import type { VerifiedOutput } from '../actions/verify-outputs.js';
import { isEdited, ownDeliverable } from '../content/edited-output.js';
import { ifReadable } from '../content/if-readable.js';
import { lookAt } from '../content/regular-file.js';
import { isWholeAsStored } from '../content/whole-output.js';
import { pagesById } from '../store/pages.js';
import { prepared } from '../store/prepared.js';
import type { FinishedOutput } from '../store/schema/stored-types.js';
import type { Store } from '../store/store.js';

/** Finished jobs whose video does not lie in its place, by id: somebody put another file there, or nothing is there. */
export type EditedOutputs = ReadonlyMap<number, 'edited' | 'missing'>;

type Finished = readonly [id: number, output: string, fingerprint: string | null, edited: 0 | 1];

/**
 * Looks at the finished videos of a batch as its next run will, and writes nothing down. Of a file that cannot be
 * read counts what the last run found.
 */
export async function editedOutputs(store: Store, batch: string): Promise<EditedOutputs> {
  const page = prepared<[number, string, number], Finished>(
    store,
    `SELECT id, output, fingerprint, edited FROM jobs NOT INDEXED
       WHERE id > ? AND batch_id = (SELECT id FROM batches WHERE name = ?) AND state = 'succeeded' AND output IS NOT NULL
       ORDER BY id LIMIT ?`,
  ).raw(true);
  const edited = new Map<number, 'edited' | 'missing'>();
  const pages = pagesById(
    (after, limit) => page.all(after, batch, limit),
    ([id]) => id,
  );
  for await (const found of pages) {
    for (const job of found) {
      // Nearly all are, and a promise for each costs as much as the look.
      if (isWholeAsStored(job[1])) continue;
      const now = await lyingNow(job, JSON.parse(job[1]) as FinishedOutput);
      if (now !== 'own') edited.set(job[0], now);
    }
  }
  return edited;
}

/**
 * The same once the outputs were hashed, which finds what keeps its length and its time too: of those the hash counts, which
 * tells more than a look.
 */
export function editedAsVerified(
  store: Store,
  batch: string,
  edited: EditedOutputs,
  verified: readonly VerifiedOutput[],
): EditedOutputs {
  const idOf = prepared<[string, string], { id: number }>(
    store,
    'SELECT id FROM jobs WHERE batch_id = (SELECT id FROM batches WHERE name = ?) AND key = ?',
  );
  const changed = verified.filter(({ found }) => found === 'changed').flatMap(({ key }) => idOf.get(batch, key) ?? []);
  return new Map([...edited, ...changed.map(({ id }) => [id, 'edited'] as const)]);
}

async function lyingNow(
  [, , fingerprint, edited]: Finished,
  output: FinishedOutput,
): Promise<'own' | 'edited' | 'missing'> {
  const now = await ifReadable(
    (async () => {
      const found = lookAt(output.path);
      if (found.kind === 'nothing') return 'missing';
      if (found.kind !== 'file') return found.kind === 'no file' ? 'edited' : null;
      const isOther =
        (await isEdited(output, found.facts)) && (await ownDeliverable({ fingerprint }, output.path)) === null;
      return isOther ? 'edited' : 'own';
    })(),
  );
  return now ?? (edited === 1 ? 'edited' : 'own');
}
