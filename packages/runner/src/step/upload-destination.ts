import type { Lane } from '../lanes/lane.js';
import type { RunOptions } from '../run-options.js';

/** Names a provider's own storage. */
export function uploadDestination({ provider, host }: Pick<Lane, 'provider' | 'host'>): string {
  return `${provider}@${host}`;
}

/** Where local files of a lane's jobs go: to the staging, else to the storage of its provider. */
export function destinationFor({ staging }: Pick<RunOptions, 'staging'>, lane: Lane): string {
  return staging?.destination ?? uploadDestination(lane);
}
