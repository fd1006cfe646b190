/**
 * Makes `dist/launch/`, what the repository's launcher starts: the whole command in a few CommonJS files. Node finds,
 * reads and links each module by itself, and hundreds of them cost more than all the work of a small command.
 */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const cli = fileURLToPath(new URL('..', import.meta.url));
const target = join(cli, 'dist/launch');
/** Stay imports: a native addon, and a client that is large and that only a bucket needs. */
const APART = /^better-sqlite3$|^@aws-sdk\//;

rmSync(target, { recursive: true, force: true });
const build = await rolldown({
  cwd: cli,
  input: { main: 'dist/main.js' },
  platform: 'node',
  external: APART,
  onLog(level, log, tell) {
    // It would be found missing only by who needs it.
    if (log.code === 'UNRESOLVED_IMPORT') throw new Error(`bundling the command: ${log.message}`);
    tell(level, log);
  },
});
await build.write({ dir: target, format: 'cjs', entryFileNames: '[name].cjs', chunkFileNames: 'chunks/[name].cjs' });
await build.close();
