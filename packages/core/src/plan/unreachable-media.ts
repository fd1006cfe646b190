import type { ProviderId } from '../provider/route.js';
import { count, orList } from '../text/words.js';
import { voiceSources } from './fingerprint.js';
import type { BucketSettings, Plan, PlannedJob } from './plan.js';
import { isPrivateHost } from './private-host.js';

/** Media that lie where only this machine or its network can fetch them, though a provider elsewhere is to. */
export function createUnreachableMedia() {
  /** Jobs by host and provider. */
  const seen = new Map<string, Map<ProviderId, number>>();
  const privateHost = createHostCheck();

  function add(choices: PlannedJob['choices'], { video, voices, mask }: Pick<PlannedJob, 'video' | 'voices' | 'mask'>) {
    let hosts: Set<string> | null = null;
    for (const source of [video, mask, ...voiceSources(voices)]) {
      const host = source?.kind === 'url' ? privateHost(source.url) : null;
      if (host !== null) hosts = (hosts ?? new Set()).add(host);
    }
    for (const host of hosts ?? []) note(host, choices);
  }

  function note(host: string, choices: PlannedJob['choices']): void {
    const jobs = seen.get(host) ?? new Map<ProviderId, number>();
    seen.set(host, jobs);
    for (const provider of new Set(choices.map((choice) => choice.provider))) {
      jobs.set(provider, (jobs.get(provider) ?? 0) + 1);
    }
  }

  /** Each host said once. */
  function warnings(providers: Plan['providers']): string[] {
    return [...seen].flatMap(([host, jobs]) => {
      const remote = [...jobs].filter(([provider]) => isRemote(providers, provider));
      if (remote.length === 0) return [];
      const most = Math.max(...remote.map(([, number]) => number));
      const whom = orList(remote.map(([provider]) => provider));
      return [
        `${count(most, 'job')} with media on ${host}, which ${whom} cannot reach from the internet: name the local files instead, or put them where the internet can read them`,
      ];
    });
  }

  return { add, warnings };
}

/** The same of what goes through the staging bucket. `fed`: the providers that get local files. */
export function unreachableBucket(
  bucket: BucketSettings,
  fed: ReadonlySet<ProviderId>,
  providers: Plan['providers'],
): string[] {
  const url = bucket.publicBaseUrl ?? bucket.endpoint;
  const host = createHostCheck()(url);
  const remote = [...fed].filter((provider) => isRemote(providers, provider));
  if (host === null || remote.length === 0) return [];
  const field = bucket.publicBaseUrl === null ? 'endpoint' : 'public_base_url';
  return [
    `staging.s3.${field} is on ${host}, which ${orList(remote)} cannot reach from the internet: providers fetch the files from there`,
  ];
}

/** A provider that is on this machine or in its network itself, as the emulator is, may well reach what lies there. */
function isRemote(providers: Plan['providers'], provider: ProviderId): boolean {
  const hosts = Object.values(providers[provider]?.hosts ?? {});
  return hosts.length > 0 && hosts.every((url) => URL.canParse(url) && !isPrivateHost(new URL(url).hostname));
}

/** Finds a URL's host where it is a private one. Batches name thousands of URLs on one host. */
function createHostCheck(): (url: string) => string | null {
  const known = new Map<string, string | null>();
  return (url) => {
    const end = url.indexOf('/', 'https://'.length);
    const origin = end === -1 ? url : url.slice(0, end);
    const before = known.get(origin);
    if (before !== undefined) return before;
    const hostname = URL.canParse(origin) ? new URL(origin).hostname : null;
    const host = hostname !== null && isPrivateHost(hostname) ? hostname : null;
    known.set(origin, host);
    return host;
  };
}
