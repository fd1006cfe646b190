import { Hono } from 'hono';
import { faultsSchema } from '../faults/fault.js';
import type { Env } from '../http/env.js';
import { readJson } from '../http/read-json.js';
import { send } from '../http/reply.js';
import { readLedger } from '../ledger.js';
import type { World } from '../world.js';
import { endpointsAt } from './endpoints.js';

/** What an emulator says about itself. */
export function describeEmulator(world: World) {
  const url = world.url('');
  return {
    url,
    endpoints: endpointsAt(url),
    bucketUrl: `${url}/bucket`,
    pid: process.pid,
    dir: world.options.dir,
    speed: world.options.speed,
    seed: world.options.seed,
    limits: world.options.limits,
  };
}

/** `/_emulator/info`, `/_emulator/ledger` and `/_emulator/faults`, for those who run it as its own process. */
export function createControlApp(world: World): Hono<Env> {
  const app = new Hono<Env>();
  app.get('/info', () => send({ status: 200, body: describeEmulator(world) }));
  app.get('/ledger', () => send({ status: 200, body: readLedger(world) }));
  app.get('/faults', () => send({ status: 200, body: world.faults.counts() }));
  app.on(['PUT', 'POST'], '/faults', async (http) => {
    const body = await readJson(http);
    const faults = faultsSchema.safeParse('json' in body ? body.json : undefined);
    if (!faults.success) return send({ status: 400, body: { error: faults.error.message } });
    world.faults.replace(faults.data);
    return send({ status: 200, body: world.faults.counts() });
  });
  app.delete('/faults', () => {
    world.faults.replace([]);
    return send({ status: 204, body: null });
  });
  return app;
}
