import { openStore, storeExists, type VerifiedOutput, verifyOutputs } from '@localize/runner';
import { displayPath } from '../output/display-path.js';

/** Hashes the finished outputs of a batch; nothing when it never ran. Paths are as the user would type them. */
export async function verifyResults(
  statePath: string,
  batch: string,
  only: (key: string) => boolean,
  cwd: string,
): Promise<VerifiedOutput[]> {
  if (!storeExists(statePath)) return [];
  const store = openStore(statePath, { readonly: true });
  try {
    const verified = await verifyOutputs(store, batch, only);
    return verified.map((output) => ({ ...output, path: displayPath(output.path, cwd) }));
  } finally {
    store.close();
  }
}

/** One line for each output that is not what was downloaded, and how many are. */
export function verifyText(verified: readonly VerifiedOutput[]): string {
  const bad = verified.filter(({ found }) => found !== 'same');
  const lines = bad.map(({ path, found }) => `${path} is ${found === 'missing' ? 'gone' : 'not what was downloaded'}`);
  return [...lines, `${verified.length - bad.length} of ${verified.length} outputs are what was downloaded`, ''].join(
    '\n',
  );
}
