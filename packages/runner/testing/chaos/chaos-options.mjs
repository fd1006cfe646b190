import { createReadStream, statSync } from 'node:fs';
import { join } from 'node:path';
import { secret } from '@localize/core';
import { catalogue } from '@localize/providers';
import { chaosPlan } from './chaos-plan.mjs';
import { fastClock } from './fast-time.mjs';

/** What every chaos run has in common, be it a process of its own or not: all but the store and the adapters. */
export function chaosOptions(settings) {
  return {
    plan: chaosPlan(settings),
    manifestPath: join(settings.dir, `${settings.batch ?? 'chaos'}.yaml`),
    catalogue: quickCatalogue(settings.listingLagMs ?? 200),
    staging: settings.ownUploads ? null : bucketOf(settings.bucketUrl),
    laneHost: () => 'emulator',
    freeBytes: () => 1e12,
    outageBackoff: { firstMs: 300, maximumMs: 3_000 },
    keys: (settings.keys ?? catalogue.providers.map(oneKey)).map(({ value, ...key }) => ({
      ...key,
      key: secret(value),
    })),
    random: mulberry32(settings.seed),
    ...(settings.pace ? { clock: fastClock(settings.pace) } : {}),
    version: '0.0.0',
    host: 'chaos',
  };
}

function oneKey({ id, keyVariable }) {
  return { provider: id, variable: keyVariable, account: null, value: `chaos-${id}-key` };
}

/** The batch's bucket: the emulator's own, reached as any client would reach it. */
function bucketOf(bucketUrl) {
  return {
    destination: 'bucket',
    stage: async ({ path, name, contentType }) => {
      const url = `${bucketUrl}/${name}`;
      const headers = { 'content-type': contentType, 'content-length': String(statSync(path).size) };
      const reply = await fetch(url, { method: 'PUT', headers, body: createReadStream(path), duplex: 'half' });
      if (!reply.ok) throw new Error(`the bucket answered ${reply.status}`);
      return { url, expiresAtMs: null };
    },
  };
}

/** The listing's lag is shortened, so that a lost create is looked for in test time. */
function quickCatalogue(listingLagMs) {
  const providers = catalogue.providers.map((facts) =>
    facts.listingLagMs === null ? facts : { ...facts, listingLagMs },
  );
  return { ...catalogue, providers };
}

/** Numbers in [0, 1) from a seed. */
export function mulberry32(state) {
  let a = state >>> 0;
  return () => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = a;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
