import type { JobSnapshot, Micros, RouteId, SnapshotFrame } from '@localize/core';
import { RoomTally } from './budget-lines.js';
import { priceWords } from './review-words.js';

/** Videos that one command buys again: how many, for how much, and which caps have no room for them. */
export class RemakePrice {
  count = 0;
  #micros = 0;
  #unknown = 0;
  readonly #room: RoomTally;

  constructor(frame: SnapshotFrame) {
    this.#room = new RoomTally(frame);
  }

  /** @param route it would be bought on @param micros what that costs; `null`: nobody knows */
  add(job: JobSnapshot, route: RouteId | null, micros: Micros | null): void {
    this.count += 1;
    this.#room.add(job, route, micros);
    if (micros === null) this.#unknown += 1;
    else this.#micros += micros;
  }

  /** As far as it is known; `null` where nothing of it is. */
  get micros(): Micros | null {
    return this.#unknown > 0 && this.#micros === 0 ? null : this.#micros;
  }

  /** `about $0.40, and 1 of them for an unknown price` */
  get words(): string {
    const more = this.#unknown > 0 && this.#micros > 0 ? `, and ${this.#unknown} of them for an unknown price` : '';
    return `${priceWords(this.micros)}${more}`;
  }

  /** `; budget.max_usd leaves $0.11 for it`; empty where all caps have room. */
  get room(): string {
    return this.#room.words();
  }
}
