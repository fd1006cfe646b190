import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { bucketPath } from './bucket/bucket-app.js';
import { describeEmulator } from './control/control-app.js';
import { type Endpoints, endpointsAt } from './control/endpoints.js';
import { createApp } from './create-app.js';
import { createWorld } from './create-world.js';
import { type Fault, faultsSchema } from './faults/fault.js';
import type { FaultCount } from './faults/fault-desk.js';
import { type Ledger, readLedger } from './ledger.js';
import { decodePath } from './media/resolve-media.js';
import type { EmulatorOptions } from './options.js';
import { contentTypeOf } from './upload/file-name.js';
import type { World } from './world.js';

/** A running emulator. */
export interface Emulator {
  /** Origin, such as `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly endpoints: Endpoints;
  /** Under which keys are put and got. */
  readonly bucketUrl: string;
  /** Copies a local file into the bucket and returns its public URL. */
  putFile(path: string, key: string): Promise<string>;
  ledger(): Ledger;
  /** Replaces all faults. */
  setFaults(faults: readonly Fault[]): void;
  /** The faults, and how often each has hit. */
  faults(): FaultCount[];
  /** The same as `/_emulator/info`. */
  info(): ReturnType<typeof describeEmulator>;
  /** Stops listening, cuts what is connected, and closes the state, which can then be started again. */
  close(): Promise<void>;
}

/**
 * Starts an emulator of the four providers on loopback. Everything it knows is in `options.dir`: another start with the
 * same folder goes on where this one ended.
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  let url = '';
  const world = await createWorld(options, () => url);
  const app = createApp(world);
  const server = createAdaptorServer({
    fetch: (request, env) => world.activity.track(Promise.resolve(app.fetch(request, env))),
  }) as Server;
  // A client that keeps a connection must not find it closed just as it sends a create.
  server.keepAliveTimeout = 60_000;
  try {
    url = await listen(server, world.options.host, world.options.port);
  } catch (error) {
    world.database.close();
    throw error;
  }
  world.origins.add(url);
  let closing: Promise<void> | undefined;
  return {
    url,
    endpoints: endpointsAt(url),
    bucketUrl: `${url}/bucket`,
    async putFile(path, key) {
      const urlPath = bucketPath(key);
      const content = await world.contents.receiveFile(path);
      world.objects.put({
        ...content,
        path: decodePath(urlPath),
        contentType: contentTypeOf(path),
        storedAt: world.now(),
        expiresAt: null,
      });
      return world.url(urlPath);
    },
    ledger: () => readLedger(world),
    setFaults: (faults) => world.faults.replace(faultsSchema.parse(faults)),
    faults: () => world.faults.counts(),
    info: () => describeEmulator(world),
    close() {
      closing ??= closeAll(server, world);
      return closing;
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      const address = server.address() as AddressInfo;
      const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
      resolve(`http://${name}:${address.port}`);
    });
  });
}

async function closeAll(server: Server, world: World): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  world.activity.stop();
  server.closeAllConnections();
  await closed;
  await world.activity.idle();
  await world.outputs.settle();
  world.database.close();
}
