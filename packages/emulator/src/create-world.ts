import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Activity } from './activity.js';
import { FaultDesk } from './faults/fault-desk.js';
import { ContentStore } from './media/content-store.js';
import { MediaReader } from './media/media-reader.js';
import { OutputMaker } from './media/output-maker.js';
import { type EmulatorOptions, resolveOptions } from './options.js';
import { parseOutputPath } from './predict/output-path.js';
import { createRandom } from './random.js';
import { CreateLog } from './state/create-log.js';
import { ObjectTable } from './state/object-table.js';
import { openDatabase } from './state/open-database.js';
import { Origins } from './state/origins.js';
import { PredictionTable } from './state/prediction-table.js';
import { Sql } from './state/sql.js';
import { TicketTable } from './state/ticket-table.js';
import type { World } from './world.js';

/** Opens the state in `options.dir` and puts together what the providers share; `origin` tells where it listens. */
export async function createWorld(given: EmulatorOptions, origin: () => string): Promise<World> {
  const options = resolveOptions({ ...given, dir: resolve(given.dir) });
  await mkdir(options.dir, { recursive: true });
  const database = openDatabase(join(options.dir, 'emulator.db'));
  const sql = new Sql(database);
  const predictions = new PredictionTable(sql);
  const contents = new ContentStore(options.dir);
  const outputs = new OutputMaker(options.dir, contents, predictions);
  await contents.prepare();
  await outputs.prepare();
  const clock = given.now ?? Date.now;
  // A restart goes on with other numbers than the start began with.
  const random = createRandom(options.seed + predictions.count());
  // Of their own, so that a create with a seed and one without take as long.
  const seeds = createRandom(options.seed + 2_000_003 + predictions.count());
  return {
    options,
    activity: new Activity(),
    now: () => Math.floor(clock()),
    random,
    drawSeed: () => Math.floor(seeds() * 2 ** 31),
    database,
    creates: new CreateLog(sql),
    predictions,
    objects: new ObjectTable(sql),
    tickets: new TicketTable(sql),
    origins: new Origins(sql),
    contents,
    media: new MediaReader(contents),
    outputs,
    faults: new FaultDesk(given.faults ?? [], createRandom(options.seed + 1_000_003)),
    url: (path) => `${origin()}${path}`,
    findByOutputPath(path) {
      const found = parseOutputPath(path);
      return found === null ? undefined : predictions.find(found.provider, found.id);
    },
  };
}
