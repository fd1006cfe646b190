import type { ProviderSettings } from '@localize/core';
import { formatDuration } from '../output/format-duration.js';
import { type Finding, fail, ok, warn } from './finding.js';

const TIMEOUT_MS = 5_000;
/** Beyond this, signed URLs and the search for lost creates begin to suffer. */
const MOST_SKEW_MS = 30_000;

/** Whether each host answers at all. No key is sent, so any answer will do; its date tells how wrong our clock is. */
export async function checkReach(
  targets: readonly { readonly about: string; readonly url: string }[],
  signal: AbortSignal,
): Promise<Finding[]> {
  const looks = await Promise.all(targets.map(({ about, url }) => look(about, url, signal)));
  const skews = looks.flatMap(({ skewMs }) => (skewMs === null ? [] : [skewMs]));
  return [...looks.map(({ finding }) => finding), ...(targets.length === 0 ? [] : [checkClock(skews)])];
}

/** Every host of each provider, once a provider. */
export function hostsOf(settings: readonly ProviderSettings[]): { about: string; url: string }[] {
  return settings.flatMap(({ id, hosts }) => {
    const urls = Object.values(hosts).filter((url) => URL.canParse(url));
    const byOrigin = new Map(urls.map((url) => [new URL(url).origin, url]));
    return [...byOrigin.values()].map((url) => ({ about: `${id} network`, url }));
  });
}

async function look(
  about: string,
  url: string,
  signal: AbortSignal,
): Promise<{ finding: Finding; skewMs: number | null }> {
  const { host } = new URL(url);
  const startedAt = Date.now();
  try {
    const reply = await fetch(url, {
      method: 'HEAD',
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    const endedAt = Date.now();
    const date = Date.parse(reply.headers.get('date') ?? '');
    // The date has whole seconds: half of one is nearer than none.
    const skewMs = Number.isNaN(date) ? null : (startedAt + endedAt) / 2 - (date + 500);
    return { finding: ok(about, `${host} answers in ${endedAt - startedAt} ms`), skewMs };
  } catch (error) {
    if (signal.aborted) throw error;
    const mend = 'check the network, a firewall or proxy, and base_url in the manifest';
    return { finding: fail(about, `${host} cannot be reached: ${reasonOf(error)}`, mend), skewMs: null };
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${formatDuration(TIMEOUT_MS)}`;
  const cause = error.cause as { code?: string; message?: string } | undefined;
  return cause?.code ?? cause?.message ?? error.message;
}

/** The smallest difference that some host saw: one of them may be wrong itself. */
export function checkClock(skewsMs: readonly number[]): Finding {
  const [least] = [...skewsMs].sort((a, b) => Math.abs(a) - Math.abs(b));
  if (least === undefined) {
    return warn('clock', 'unknown: no host has said what time it is', 'look again once a provider can be reached');
  }
  const amount = Math.abs(least);
  if (amount <= MOST_SKEW_MS) return ok('clock', 'agrees with the providers’');
  const found = `${formatDuration(amount)} ${least > 0 ? 'ahead of' : 'behind'} the providers’`;
  return warn('clock', found, 'let the system set its clock from the network (NTP)');
}
