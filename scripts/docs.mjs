/** `npm run docs`: install and build what is missing or stale, then write the documents that are made from code. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PrepareError, prepare } from './prepare.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  await prepare(root, { say: (line) => process.stderr.write(`docs: ${line}\n`) });
  await import('../packages/cli/build/docs/make.mjs');
} catch (error) {
  if (!(error instanceof PrepareError)) throw error;
  process.stderr.write(`${error.log}\ndocs: ${error.message}\n`);
  process.exitCode = 1;
}
