import { durationWords, type Failure, type ProviderSettings } from '@localize/core';
import { probeHost } from '@localize/providers';
import { type Finding, fail, ok, warn } from './finding.js';

const TIMEOUT_MS = 5_000;
/** Beyond this, signed URLs and the search for lost creates begin to suffer. */
const MOST_SKEW_MS = 30_000;

/** A host that a run talks to. */
export interface Target {
  readonly about: string;
  readonly url: string;
  /** The manifest's field that names it. */
  readonly field: string;
}

/**
 * Whether each host answers at all. No key is sent, so any answer will do; its date tells how wrong our clock is.
 * @returns also the URLs of those that do not answer
 */
export async function checkReach(
  targets: readonly Target[],
  signal: AbortSignal,
): Promise<{ findings: Finding[]; unreached: ReadonlySet<string> }> {
  const looks = await Promise.all(targets.map((target) => look(target, signal)));
  const skews = looks.flatMap(({ skewMs }) => (skewMs === null ? [] : [skewMs]));
  const clock = targets.length === 0 ? [] : [checkClock(skews)];
  const silent = targets.filter((_, index) => looks[index]?.finding.level === 'fail');
  return {
    findings: [...looks.map(({ finding }) => finding), ...clock],
    unreached: new Set(silent.map(({ url }) => url)),
  };
}

/** Every host of each provider, once a provider. */
export function hostsOf(settings: readonly ProviderSettings[]): Target[] {
  return settings.flatMap(({ id, hosts }) => {
    const named = Object.entries(hosts).filter(([, url]) => URL.canParse(url));
    const byOrigin = new Map(named.map(([name, url]) => [new URL(url).origin, { name, url }]));
    return [...byOrigin.values()].map(({ name, url }) => ({
      about: `${id} network`,
      url,
      field: `providers.${id}.${name}`,
    }));
  });
}

async function look(
  { about, url, field }: Target,
  signal: AbortSignal,
): Promise<{ finding: Finding; skewMs: number | null }> {
  const { host } = new URL(url);
  const startedAt = Date.now();
  const probe = await probeHost(url, { signal, timeoutMs: TIMEOUT_MS });
  const endedAt = Date.now();
  signal.throwIfAborted();
  if (!probe.reached) {
    const mend = `check the network, a firewall or proxy, and ${field} in the manifest`;
    return { finding: fail(about, `${host} cannot be reached: ${reasonOf(probe.failure)}`, mend), skewMs: null };
  }
  const date = Date.parse(probe.date ?? '');
  // The date has whole seconds: half of one is nearer than none.
  const skewMs = Number.isNaN(date) ? null : (startedAt + endedAt) / 2 - (date + 500);
  return { finding: ok(about, `${host} answers in ${endedAt - startedAt} ms`), skewMs };
}

function reasonOf({ code, message }: Failure): string {
  return code === 'TIMEOUT' ? `no answer within ${durationWords(TIMEOUT_MS)}` : (code ?? message);
}

/** The smallest difference that some host saw: one of them may be wrong itself. */
export function checkClock(skewsMs: readonly number[]): Finding {
  const [least] = [...skewsMs].sort((a, b) => Math.abs(a) - Math.abs(b));
  if (least === undefined) {
    return warn('clock', 'unknown: no host has said what time it is', 'look again once a provider can be reached');
  }
  const amount = Math.abs(least);
  if (amount <= MOST_SKEW_MS) return ok('clock', 'agrees with the providers’');
  const found = `${durationWords(amount)} ${least > 0 ? 'ahead of' : 'behind'} the providers’`;
  return warn('clock', found, 'let the system set its clock from the network (NTP)');
}
