'use strict';

const { join } = require('node:path');
const { COMMAND, readFreshness } = require('./freshness.cjs');
const { reportError } = require('./report-error.cjs');
const { requireCompiled } = require('./require-compiled.cjs');

/** A terminal that is closed ends it as it ends any other: Node cannot give it back at an end of its own, and would abort. */
const SIGNALS = ['SIGINT', 'SIGTERM'];

/**
 * Starts the command in this process, after installing and building what is missing or stale. When all is fresh this
 * costs some stat calls: no network, no child process.
 *
 * @param {string} root the repository
 * @param {string[]} argv as in `process.argv`; its paths are the caller's
 */
async function launch(root, argv) {
  for (const signal of SIGNALS) process.on(signal, end);
  if (!readFreshness(root).fresh) {
    const { prepare, PrepareError } = await import('./prepare.mjs');
    try {
      await prepare(root, { say: (line) => process.stderr.write(`localize: ${line}\n`) });
    } catch (error) {
      if (!(error instanceof PrepareError)) throw error;
      if (error.log) process.stderr.write(`${error.log}\n`);
      const { code, message, hint } = error;
      reportError({ code, message, hint, exit: 4 }, argv);
      return;
    }
  }
  const done = requireCompiled(join(root, COMMAND)).main(argv);
  // It has begun to listen itself.
  for (const signal of SIGNALS) process.removeListener(signal, end);
  await done;
}

/** Before there is anything to bring to an end: with the code that an interrupted run has. */
function end() {
  process.exit(130);
}

module.exports = { launch };
