import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readFreshness } from './freshness.mjs';

/**
 * Starts the command in this process, after installing and building what is missing or stale. When all is fresh this
 * costs some stat calls: no network, no child process.
 *
 * @param {string} root the repository
 * @param {string[]} argv as in `process.argv`; its paths are the caller's
 */
export async function launch(root, argv) {
  if (!readFreshness(root).fresh) {
    const { prepare, PrepareError } = await import('./prepare.mjs');
    try {
      await prepare(root, { say: (line) => process.stderr.write(`localize: ${line}\n`) });
    } catch (error) {
      if (!(error instanceof PrepareError)) throw error;
      process.stderr.write(`${error.log}\nlocalize: ${error.message}\n`);
      process.exitCode = 4;
      return;
    }
  }
  const { main } = await import(pathToFileURL(join(root, 'packages/cli/dist/main.js')).href);
  await main(argv);
}
