import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readSidecar, type Sidecar, videoOfSidecar } from '../step/sidecar.js';

/** A result on disk that a sidecar describes. Not yet checked against its SHA-256. */
export interface KnownResult {
  readonly path: string;
  readonly sidecar: Sidecar;
}

/**
 * Results under a folder by fingerprint, read from their sidecars: what a renamed batch, a reverted edit or a lost state
 * can use again instead of buying. Emulated and real results never stand for each other.
 */
export async function indexResults(folder: string, emulated: boolean): Promise<Map<string, KnownResult[]>> {
  const found = new Map<string, KnownResult[]>();
  const names = await readdir(folder, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    const path = videoOfSidecar(join(folder, name));
    if (path === null) continue;
    const sidecar = await readSidecar(join(folder, name));
    if (sidecar === null || sidecar.emulated !== emulated) continue;
    found.set(sidecar.fingerprint, [...(found.get(sidecar.fingerprint) ?? []), { path, sidecar }]);
  }
  return found;
}
