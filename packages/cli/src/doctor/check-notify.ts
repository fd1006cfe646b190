import type { LoadedBatch } from '../batch/load-batch.js';
import { type Finding, ok, warn } from './finding.js';

/** Who would be told of what a run meets. Tells nobody. */
export function checkNotify({ notify, ownConfig, secrets }: LoadedBatch): Finding[] {
  const own = ownConfig?.notify ? [ok('notify', `a command in ${ownConfig.path}`)] : [];
  if (notify === null) return own;
  const origin = secrets.origin(notify.url_env);
  const found = `${notify.url_env} is ${origin === null ? 'not set, so nobody is told' : `set, from ${origin}`}`;
  return [...own, origin === null ? warn('notify', found, `set ${notify.url_env} to the URL`) : ok('notify', found)];
}
