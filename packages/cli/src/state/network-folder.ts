import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { LocalizeError } from '@localize/core';
import { nearestExisting } from '@localize/runner';

/** File system types of Linux whose files live on another machine (`statfs(2)`). */
const NETWORK_TYPES = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB'],
  [0x5346414f, 'AFS'],
  [0x73757245, 'Coda'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
]);

/**
 * Refuses a state on a network folder: SQLite's write-ahead log and its locks need one machine's memory, and a state
 * that two machines tear apart is how things are bought twice.
 * @throws LocalizeError STATE_ON_NETWORK
 */
export function refuseNetworkFolder(statePath: string): void {
  // The numbers are Linux's; other systems number their types anew with each release.
  if (process.platform !== 'linux') return;
  const folder = nearestExisting(dirname(statePath));
  const type = NETWORK_TYPES.get(statfsSync(folder).type >>> 0);
  if (type === undefined) return;
  throw new LocalizeError('STATE_ON_NETWORK', `${statePath} would lie on a network folder (${type})`, {
    hint: 'name a file on this machine’s own disk with --state',
  });
}
