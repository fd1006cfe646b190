import { voiceSources } from './fingerprint.js';
import type { AssetSource, PlannedJob } from './plan.js';

/**
 * What two jobs have in common that are made of the very same, on whichever route, by any names of their files that such have
 * in common: most of a hundred thousand jobs differ in it already, and all else takes longer to find out.
 */
export function alikeName({ video, voices }: PlannedJob, nameOf: (source: AssetSource) => string): string {
  return [video, ...voiceSources(voices)].map(nameOf).join(' ');
}

/** The length of a file, where somebody has seen it; an address without what a signature may add. */
export function roughName(source: AssetSource): string {
  if (source.kind === 'file') return source.seen === undefined ? source.path : String(source.seen.bytes);
  return source.url.split(/[?#]/, 1)[0] ?? '';
}

/** Tells of a great many names whether one comes twice, with eight bytes of each. */
export class RepeatedNames {
  #hashes = new Float64Array(1_024);
  #count = 0;

  add(name: string): void {
    if (this.#count === this.#hashes.length) {
      const more = new Float64Array(2 * this.#count);
      more.set(this.#hashes);
      this.#hashes = more;
    }
    this.#hashes[this.#count] = hashOf(name);
    this.#count += 1;
  }

  /** May be so although none does, once in a billion times. */
  get areSome(): boolean {
    const sorted = this.#hashes.slice(0, this.#count).sort();
    return sorted.some((hash, index) => hash === sorted[index + 1]);
  }
}

/** 53 bits of a name. It guards nothing: who makes two names alike costs himself the time of a closer look. */
function hashOf(name: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < name.length; index += 1) {
    const code = name.charCodeAt(index);
    high = Math.imul(high ^ code, 2_654_435_761);
    low = Math.imul(low ^ code, 1_597_334_677);
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
  return 2 ** 32 * (low & 0x1f_ffff) + (high >>> 0);
}
