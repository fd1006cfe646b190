import { type AddressInfo, createServer } from 'node:net';
import { buildConnector } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Answer, Wire } from '../src/http/exchange.js';
import { openOneShotWire } from '../src/http/one-shot-wire.js';
import { type ScriptedServer, startScriptedServer } from '../testing/scripted-server.js';

let server: ScriptedServer;
const never = new AbortController().signal;

function create(wire: Wire): Promise<Answer> {
  const url = new URL('/create', server.url);
  return wire.send({ method: 'POST', url, headers: {}, body: '{}', own: true, timeoutMs: 1_000 }, never);
}

beforeEach(async () => {
  server = await startScriptedServer(() => ({ body: {} }));
});
afterEach(() => server.close());

describe('the wire of a create', () => {
  it('says that something left once it handed over its socket', async () => {
    const wire = openOneShotWire();
    await (await create(wire)).text();
    expect(wire.close()).toBe(true);
  });

  it('makes no second connection, whatever its client would like', async () => {
    const wire = openOneShotWire();
    await (await create(wire)).text();
    await expect(create(wire)).rejects.toThrow('connects once');
    wire.close();
    expect(server.seen).toHaveLength(1);
  });

  it('destroys a socket that comes after it was closed, and goes on saying that nothing left', async () => {
    const connect = buildConnector({});
    let late: () => void = () => {};
    const arrived = new Promise<void>((resolve) => {
      late = resolve;
    });
    let destroyed: () => boolean | undefined = () => undefined;
    const wire = openOneShotWire((options, callback) => {
      connect(options, (error, socket) => {
        setTimeout(() => {
          destroyed = () => socket?.destroyed;
          if (error === null) callback(null, socket);
          late();
        }, 50);
      });
    });
    const request = create(wire);
    request.catch(() => {});
    expect(wire.close()).toBe(false);
    await arrived;
    expect(destroyed()).toBe(true);
    expect(wire.close()).toBe(false);
    await expect(request).rejects.toThrow();
    expect(server.seen).toHaveLength(0);
  });

  it('ends with a reply that would go on in another protocol', async () => {
    const raw = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n'),
      );
    });
    await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
    const url = new URL(`http://127.0.0.1:${(raw.address() as AddressInfo).port}/create`);
    const wire = openOneShotWire();
    const request = wire.send({ method: 'POST', url, headers: {}, body: '{}', own: true, timeoutMs: 1_000 }, never);
    await expect(request).rejects.toThrow('HTTP 101');
    expect(wire.close()).toBe(true);
    await new Promise((resolve) => raw.close(resolve));
  });

  it('says that nothing left when the connection failed', async () => {
    const wire = openOneShotWire((_options, callback) => {
      // With this code the client would try again.
      setImmediate(() => callback(Object.assign(new Error('no'), { code: 'UND_ERR_SOCKET' }), null));
    });
    await expect(create(wire)).rejects.toThrow();
    expect(wire.close()).toBe(false);
  });
});
