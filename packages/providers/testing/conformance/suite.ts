import { afterEach, beforeEach, describe, it } from 'vitest';
import type { ConformanceSubject } from './contract.js';
import { createCases } from './create-cases.js';
import { pollCases } from './poll-cases.js';
import { openScene, type Scene } from './scene.js';
import { secrecyCases } from './secrecy-cases.js';

/** One promise of the provider contract. A key never changes its meaning. */
export interface ConformanceCase {
  readonly key: string;
  readonly title: string;
  run(scene: Scene): Promise<void>;
}

const conformanceCases: readonly ConformanceCase[] = [...createCases, ...pollCases, ...secrecyCases];

/** Examines one adapter. A case in `knownGaps` must fail: once it holds, the list has to be cleaned. */
export function describeProviderConformance(subject: ConformanceSubject): void {
  describe(`${subject.name} keeps the provider contract`, () => {
    let scene: Scene;
    beforeEach(async () => {
      scene = await openScene(subject);
    });
    afterEach(() => scene.server.close());

    for (const { key, title, run } of conformanceCases) {
      const test = subject.knownGaps.includes(key) ? it.fails : it;
      test(`${title} (${key})`, () => run(scene));
    }

    it('names only cases that exist among its known gaps', ({ expect }) => {
      const keys = new Set(conformanceCases.map((entry) => entry.key));
      expect(subject.knownGaps.filter((gap) => !keys.has(gap))).toEqual([]);
      expect(keys.size).toBe(conformanceCases.length);
    });
  });
}
