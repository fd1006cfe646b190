'use strict';

// Old syntax on purpose: an old Node must get through it.

/**
 * Says what keeps the command from being started, as the command itself says its errors: for people on standard error,
 * and with `--json` as one object on standard output, too.
 *
 * @param {{ code: string, message: string, hint: string, exit: number }} error `code` is a section of docs/errors.md
 * @param {string[]} argv as in `process.argv`
 */
function reportError(error, argv) {
  process.stderr.write(['error [', error.code, '] ', error.message, '\n  hint ', error.hint, '\n'].join(''));
  process.exitCode = error.exit;
  if (argv.indexOf('--json') === -1) return;
  var told = { type: 'error', code: error.code, message: error.message, mend: error.hint, exit: error.exit };
  process.stdout.write([JSON.stringify(told), '\n'].join(''));
}

module.exports = { reportError: reportError };
