import { voiceSources } from './fingerprint.js';
import type { AssetSource, PlannedJob } from './plan.js';

/** The files that a job is made of, by any names that the very same files have in common. */
export function filesName({ video, voices }: PlannedJob, nameOf: (source: AssetSource) => string): string {
  return [video, ...voiceSources(voices)].map(nameOf).join(' ');
}

/**
 * What two jobs have in common on a route where one result does for both: a name for each of a job's routes. Of a hundred
 * thousand jobs most differ in it already, and all else takes longer to find out.
 */
export function alikeNames(job: PlannedJob, nameOf: (source: AssetSource) => string): string[] {
  const files = filesName(job, nameOf);
  return job.choices.map(({ route, input }) => `${files} ${route} ${input.seed ?? ''}`);
}

/** The length of a file, where somebody has seen it; an address without what a signature may add. */
export function roughName(source: AssetSource): string {
  if (source.kind === 'file') return source.seen === undefined ? source.path : String(source.seen.bytes);
  return source.url.split(/[?#]/, 1)[0] ?? '';
}

/** Tells of a great many names which of them come twice, with eight bytes of each. May name another once in a billion times. */
export class RepeatedNames {
  #hashes = new Float64Array(1_024);
  #count = 0;
  #repeated: ReadonlySet<number> | null = null;

  add(name: string): void {
    if (this.#count === this.#hashes.length) {
      const more = new Float64Array(2 * this.#count);
      more.set(this.#hashes);
      this.#hashes = more;
    }
    this.#hashes[this.#count] = hashOf(name);
    this.#count += 1;
    this.#repeated = null;
  }

  get areSome(): boolean {
    return this.#found().size > 0;
  }

  has(name: string): boolean {
    return this.#found().has(hashOf(name));
  }

  #found(): ReadonlySet<number> {
    if (this.#repeated === null) {
      const sorted = this.#hashes.slice(0, this.#count).sort();
      this.#repeated = new Set(sorted.filter((hash, index) => hash === sorted[index + 1]));
    }
    return this.#repeated;
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
