import { resolve } from 'node:path';
import { EXIT, type ExitCode } from '@localize/core';
import { catalogue, providers } from '@localize/providers';
import { type Adopted, adopt as adoptResults, openStore, resultsIn } from '@localize/runner';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { withActionLog } from '../log/action-log.js';
import { displayPath } from '../output/display-path.js';
import { refuseNetworkFolder } from '../state/network-folder.js';
import { warner } from './open-actions.js';
import { openBatch } from './open-batch.js';
import { sayStaleReport } from './say-stale-report.js';
import { whileUnheld } from './while-unheld.js';

export interface AdoptOptions extends SharedOptions {
  readonly manifest?: string;
  readonly sameBatch?: boolean;
}

/**
 * `localize adopt`: takes in finished results from a folder, by their sidecars. Calls nobody and buys nothing. Exit 1 where
 * the folder holds something unusable, or lacks what a job waits for.
 */
export async function adopt(context: CommandContext, folder: string, options: AdoptOptions): Promise<ExitCode> {
  const batch = await openBatch(context, options.manifest, options);
  const { plan, manifest } = batch;
  const { path } = batch.location;
  refuseNetworkFolder(path);
  const results = await resultsIn(resolve(context.cwd, folder));
  const store = openStore(path);
  try {
    const run = {
      plan,
      manifestPath: manifest.absolute,
      sameBatch: options.sameBatch ?? false,
      store,
      catalogue,
      providers,
      // No lane is opened, so no key is needed.
      keys: [],
      version: context.version,
      host: context.host,
    };
    const found = await whileUnheld(batch.again, () =>
      withActionLog(batch, warner(context), (onEvent) => adoptResults({ ...run, onEvent }, results)),
    );
    const refused = found.refused.map((each) => ({ ...each, path: displayPath(each.path, context.cwd) }));
    const result = { ...found, refused };
    if (options.json) context.out.write(`${JSON.stringify(result)}\n`);
    else if (!options.quiet) context.out.write(adoptText(result, folder));
    if (found.adopted.length > 0) sayStaleReport(context, batch, options);
    const isWhole = result.missing.length === 0 && !refused.some(({ unusable }) => unusable);
    return isWhole ? EXIT.ok : EXIT.someFailed;
  } finally {
    store.close();
  }
}

const FETCHED = ', but its sidecar there says that it is paid for: the next run asks its provider for it, for free';

function adoptText({ adopted, missing, paid, refused }: Adopted, folder: string): string {
  const isPaid = new Set(paid);
  const lines = [
    ...adopted.map((key) => `${key} is taken in`),
    ...refused.map(({ path, reason }) => `${path} is not taken in: ${reason}`),
    ...missing.map((key) => `${key} is not found in ${folder}${isPaid.has(key) ? FETCHED : ''}`),
    `${adopted.length} taken in, ${refused.length} refused, ${missing.length} not found in ${folder}`,
  ];
  return `${lines.join('\n')}\n`;
}
