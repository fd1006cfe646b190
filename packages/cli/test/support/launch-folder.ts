import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './cli.js';

/** Where `main.cjs`, which the launcher starts, leads: the folder of the newest build. */
export function launchFolder(): string {
  const launch = join(REPOSITORY, 'packages/cli/dist/launch');
  const [, build] =
    /require\('\.\/(build-\d+)\/main\.cjs'\)/.exec(readFileSync(join(launch, 'main.cjs'), 'utf8')) ?? [];
  if (build === undefined) throw new Error(`${launch}/main.cjs leads to no build`);
  return join(launch, build);
}
