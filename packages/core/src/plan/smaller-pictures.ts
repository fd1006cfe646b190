import type { FrameSize } from '../snapshot/snapshot.js';
import { count } from '../text/words.js';
import type { RouteChoice } from './plan.js';

/** Collects jobs whose route makes a smaller picture than their source has: nobody should find out afterwards. */
export function createSmallerPictures() {
  const groups = new Map<string, number>();
  return {
    add(source: FrameSize | null | undefined, choice: RouteChoice | undefined): void {
      const made = Number(/^(\d+)p$/.exec(choice?.input.resolution ?? '')?.[1]);
      if (!source || choice === undefined || !(Math.min(source.width, source.height) > made)) return;
      const name = `${Math.min(source.width, source.height)}p and ${choice.route} makes ${choice.input.resolution}`;
      groups.set(name, (groups.get(name) ?? 0) + 1);
    },
    warnings: (): string[] => [...groups].map(([name, jobs]) => `${count(jobs, 'job')}: the source is ${name}`),
  };
}
