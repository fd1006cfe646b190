import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';

const SQLITE = createRequire(import.meta.url).resolve('better-sqlite3');

/**
 * Another process has the state locked from now on.
 * @param heldMs it lets go by itself after this
 * @returns how to make it let go
 */
export async function lockState(path: string, heldMs?: number): Promise<() => Promise<void>> {
  const script = `const store = new (require(${JSON.stringify(SQLITE)}))(${JSON.stringify(path)});
    store.exec('BEGIN IMMEDIATE');
    const release = () => { store.exec('COMMIT'); process.exit(); };
    process.stdin.on('end', release).resume();
    ${heldMs === undefined ? '' : `setTimeout(release, ${heldMs});`}
    process.stdout.write('locked');`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = once(child, 'exit');
  await once(child.stdout, 'data');
  return async () => {
    child.stdin.end();
    await gone;
  };
}
