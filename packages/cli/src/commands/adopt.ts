import { resolve } from 'node:path';
import { EXIT, type ExitCode } from '@localize/core';
import { catalogue, providers } from '@localize/providers';
import { adopt as adoptResults, openStore } from '@localize/runner';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { refuseNetworkFolder } from '../state/network-folder.js';
import { openBatch } from './open-batch.js';

export interface AdoptOptions extends SharedOptions {
  readonly manifest?: string;
  readonly sameBatch?: boolean;
}

/** `localize adopt`: takes in finished results from a folder, by their sidecars. Calls nobody and buys nothing. */
export async function adopt(context: CommandContext, folder: string, options: AdoptOptions): Promise<ExitCode> {
  const batch = await openBatch(context, options.manifest, options);
  const { plan, manifest } = batch;
  const { path } = batch.location;
  refuseNetworkFolder(path);
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
    const { adopted, missing } = await adoptResults(run, resolve(context.cwd, folder));
    if (options.json) context.out.write(`${JSON.stringify({ adopted, missing })}\n`);
    else if (!options.quiet) {
      context.out.write(adopted.map((key) => `${key} is taken in\n`).join(''));
      context.out.write(`${adopted.length} taken in, ${missing.length} not found in ${folder}\n`);
    }
  } finally {
    store.close();
  }
  return EXIT.ok;
}
