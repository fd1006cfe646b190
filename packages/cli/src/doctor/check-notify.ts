import type { LoadedBatch } from '../batch/load-batch.js';
import { isNoticeUrl } from '../notify/deliver.js';
import { type Finding, ok, warn } from './finding.js';

/** Who would be told of what a run meets. Tells nobody. */
export async function checkNotify({ notify, ownConfig, secrets }: LoadedBatch): Promise<Finding[]> {
  const own = ownConfig?.notify ? [ok('notify', `a command in ${ownConfig.path}`)] : [];
  if (notify === null) return own;
  const origin = secrets.origin(notify.url_env);
  const name = notify.url_env;
  if (origin === null) {
    return [...own, warn('notify', `${name} is not set, so nobody is told`, `set ${name} to the URL`)];
  }
  const url = await secrets.read(name).catch(() => undefined);
  const found = `${name} is set, from ${origin}`;
  if (url !== undefined && isNoticeUrl(url)) return [...own, ok('notify', found)];
  const why = url === undefined ? 'but cannot be read' : 'but is no https URL';
  return [...own, warn('notify', `${found}, ${why}, so nobody is told`, `set ${name} to the webhook’s URL`)];
}
