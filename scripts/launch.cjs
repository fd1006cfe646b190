'use strict';

const { join } = require('node:path');
const { COMMAND, readFreshness } = require('./freshness.cjs');
const { reportError } = require('./report-error.cjs');

/**
 * Starts the command in this process, after installing and building what is missing or stale. When all is fresh this
 * costs some stat calls: no network, no child process.
 *
 * @param {string} root the repository
 * @param {string[]} argv as in `process.argv`; its paths are the caller's
 */
async function launch(root, argv) {
  if (!readFreshness(root).fresh) {
    const { prepare, PrepareError } = await import('./prepare.mjs');
    try {
      await prepare(root, { say: (line) => process.stderr.write(`localize: ${line}\n`) });
    } catch (error) {
      if (!(error instanceof PrepareError)) throw error;
      process.stderr.write(`${error.log}\n`);
      const { code, message, hint } = error;
      reportError({ code, message, hint, exit: 4 }, argv);
      return;
    }
  }
  await require(join(root, COMMAND)).main(argv);
}

module.exports = { launch };
