import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface RedisProcess {
  readonly socket: string;
  /** Most resident memory since its start. */
  peakMb(): number;
  stop(): Promise<void>;
}

/** Whether a program is installed. */
export function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

/** A Redis on a socket of its own that survives a kill as its documents advise: an append-only file, synced each second. */
export async function startRedis(): Promise<RedisProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-redis-'));
  const socket = join(folder, 'redis.sock');
  const flags = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--appendonly', 'yes', '--save', ''];
  const child = spawn('redis-server', [...flags, '--maxmemory-policy', 'noeviction'], { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const ask = (command: string[]) => spawnSync('redis-cli', ['-s', socket, ...command], { encoding: 'utf8' }).stdout;
  for (let tries = 0; !ask(['ping']).startsWith('PONG'); tries += 1) {
    if (tries > 100 || child.exitCode !== null) throw new Error('redis-server did not start');
    await sleep(50);
  }
  return {
    socket,
    peakMb: () => Number(/used_memory_rss:(\d+)/.exec(ask(['info', 'memory']))?.[1] ?? 0) / 2 ** 20,
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
