import type { LoadedBatch } from '../batch/load-batch.js';
import { isNoticeUrl } from '../notify/deliver.js';
import { readNoticeUrl } from '../notify/notice-targets.js';
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
  const { url, why } = await readNoticeUrl(name, secrets);
  const found = `${name} is set, from ${origin}`;
  if (url === null) {
    return [...own, warn('notify', `${why}, from ${origin}, so nobody is told`, `set ${name} to the webhook’s URL`)];
  }
  if (isNoticeUrl(url)) return [...own, ok('notify', found)];
  return [
    ...own,
    warn('notify', `${found}, but is no https URL, so nobody is told`, `set ${name} to the webhook’s URL`),
  ];
}
