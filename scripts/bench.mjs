/**
 * `npm run bench`: install and build what is missing or stale, then measure. What it takes is told by
 * `npm run bench -- --help`.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PrepareError, prepare } from './prepare.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

process.exitCode = await bench(process.argv.slice(2));

async function bench(args) {
  try {
    await prepare(root, { say: (line) => process.stderr.write(`bench: ${line}\n`) });
  } catch (error) {
    if (!(error instanceof PrepareError)) throw error;
    process.stderr.write(`${error.log}\nbench: ${error.message}\n`);
    return 1;
  }
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const built = run([compiler, '-b', 'benchmarks']);
  return built === 0 ? run(['benchmarks/dist/main.js', ...args]) : built;
}

function run(args) {
  return spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;
}
