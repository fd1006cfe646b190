import type Database from 'better-sqlite3';
import type { Activity } from './activity.js';
import type { FaultDesk } from './faults/fault-desk.js';
import type { ContentStore } from './media/content-store.js';
import type { MediaReader } from './media/media-reader.js';
import type { OutputMaker } from './media/output-maker.js';
import type { ResolvedOptions } from './options.js';
import type { Prediction } from './predict/prediction.js';
import type { CreateLog } from './state/create-log.js';
import type { ObjectTable } from './state/object-table.js';
import type { Origins } from './state/origins.js';
import type { PredictionTable } from './state/prediction-table.js';
import type { TicketTable } from './state/ticket-table.js';

/** Everything that the emulated providers share: one clock, one dice, one state, one disk. */
export interface World {
  readonly options: ResolvedOptions;
  readonly activity: Activity;
  readonly now: () => number;
  readonly random: () => number;
  /** A seed for a create that wants a random one. */
  readonly drawSeed: () => number;
  readonly database: Database.Database;
  readonly creates: CreateLog;
  readonly predictions: PredictionTable;
  readonly objects: ObjectTable;
  readonly tickets: TicketTable;
  readonly origins: Origins;
  readonly contents: ContentStore;
  readonly media: MediaReader;
  readonly outputs: OutputMaker;
  readonly faults: FaultDesk;
  /** Absolute URL of one of our paths, at the port that we listen on now. */
  url(path: string): string;
  /** The prediction whose output answers under a URL path. */
  findByOutputPath(path: string): Prediction | undefined;
}
