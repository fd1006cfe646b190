import type { ProviderName } from '../provider-name.js';
import type { Fault, FaultKind, FaultOf } from './fault.js';

/** What is asked of the desk: may a fault of this kind hit this candidate? */
export interface Candidate {
  provider: ProviderName;
  route?: string;
}

/** How often a fault was a candidate and how often it hit. */
export interface FaultCount {
  fault: Fault;
  candidates: number;
  hits: number;
}

/**
 * Holds the programmed faults and decides, in the order in which they were given, which one hits. Counts are kept in
 * memory: a restart of the emulator starts them anew.
 */
export class FaultDesk {
  #counts: FaultCount[] = [];
  readonly #random: () => number;

  constructor(faults: readonly Fault[], random: () => number) {
    this.#random = random;
    this.replace(faults);
  }

  /** Replaces all faults and forgets the counts. */
  replace(faults: readonly Fault[]): void {
    this.#counts = faults.map((fault) => ({ fault, candidates: 0, hits: 0 }));
  }

  counts(): FaultCount[] {
    return this.#counts.map((count) => ({ ...count }));
  }

  /**
   * The first fault of the kind that hits the candidate, which is thereby used once; `accepts` narrows by the fault's
   * own fields before anything is counted or drawn.
   */
  take<K extends FaultKind>(
    kind: K,
    candidate: Candidate,
    accepts: (fault: FaultOf<K>) => boolean = () => true,
  ): FaultOf<K> | undefined {
    for (const count of this.#counts) {
      if (!isOfKind(count.fault, kind) || !matches(count.fault, candidate) || !accepts(count.fault)) continue;
      if (count.fault.times !== undefined && count.hits >= count.fault.times) continue;
      count.candidates += 1;
      if (count.candidates <= (count.fault.skip ?? 0)) continue;
      const probability = count.fault.probability ?? 1;
      if (probability < 1 && this.#random() >= probability) continue;
      count.hits += 1;
      return count.fault;
    }
    return undefined;
  }
}

function isOfKind<K extends FaultKind>(fault: Fault, kind: K): fault is FaultOf<K> {
  return fault.kind === kind;
}

function matches(fault: Fault, candidate: Candidate): boolean {
  if (fault.route !== undefined && fault.route !== candidate.route) return false;
  if (fault.provider === undefined) return true;
  return Array.isArray(fault.provider)
    ? fault.provider.includes(candidate.provider)
    : fault.provider === candidate.provider;
}
