import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

/** A real file system of a few megabytes at a folder. */
export interface SmallDisk {
  resize(megabytes: number): void;
  unmount(): void;
}

/** @returns `null` where this machine lets nobody mount one. */
export function mountSmallDisk(folder: string, megabytes: number): SmallDisk | null {
  mkdirSync(folder, { recursive: true });
  const mount = (...args: string[]) => execFileSync('mount', args, { stdio: 'ignore' });
  try {
    mount('-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder);
  } catch {
    return null;
  }
  return {
    resize: (larger) => mount('-o', `remount,size=${larger}m`, folder),
    unmount: () => void execFileSync('umount', ['-l', folder], { stdio: 'ignore' }),
  };
}
