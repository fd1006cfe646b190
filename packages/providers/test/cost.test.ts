import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eachlabs, fal, vibedream, wavespeed } from '../src/index.js';
import { readCents, readUsd } from '../src/reading/usd.js';
import { contextOn } from '../testing/capability-scene.js';
import { routeNamed } from '../testing/route-named.js';
import { type ScriptedServer, startScriptedServer } from '../testing/scripted-server.js';

let server: ScriptedServer;
beforeEach(async () => {
  server = await startScriptedServer();
});
afterEach(() => server.close());

function costOf() {
  const context = contextOn(server, { base_url: '', platform_url: '/v1' }, 'key');
  return fal.cost?.(routeNamed('fal/infinitalk'), { id: 'r1' }, context);
}

describe('what fal’s books say', () => {
  it('is the sum of the request’s own events', async () => {
    server.answer(() => ({
      body: {
        billing_events: [
          { request_id: 'r1', output_units: 5.8, unit_price: 0.3, cost_total: 1.74 },
          { request_id: 'r1', cost_total: 0.435 },
          { request_id: 'r2', cost_total: 9 },
        ],
      },
    }));
    expect(await costOf()).toBe(2_175_000);
    const url = new URL(server.seen[0]?.url ?? '', server.url);
    expect(url.pathname).toBe('/v1/models/billing-events');
    expect(url.searchParams.get('request_id')).toBe('r1');
  });

  it.each([
    ['nothing is booked yet', { body: { billing_events: [] } }],
    ['an amount is missing', { body: { billing_events: [{ request_id: 'r1' }] } }],
    ['the key may not read them', { status: 403, body: {} }],
    ['the reply is something else', { body: 'soon' }],
  ])('is unknown when %s', async (_title, reply) => {
    server.answer(() => reply);
    expect(await costOf()).toBe(null);
  });

  it('is asked only at fal', () => {
    expect([vibedream.cost, eachlabs.cost, wavespeed.cost]).toEqual([undefined, undefined, undefined]);
  });
});

describe('an amount in a reply', () => {
  it.each([
    [0.15, 150_000],
    [0, 0],
    ['0.15', 150_000],
    [0.1 + 0.2, 300_000],
    [1e-7, 0],
    [-1, null],
    [Number.NaN, null],
    [1e300, null],
    ['', null],
    ['free', null],
    [' 17 ', 17_000_000],
    ['-1', null],
    ['0x10', null],
    ['1e3', null],
    ['1,50', null],
    ['Infinity', null],
    [null, null],
    [undefined, null],
    [{}, null],
  ])('%j is %j micro-dollars', (value, expected) => {
    expect(readUsd(value)).toBe(expected);
  });

  it.each([
    [17, 170_000],
    ['17', 170_000],
    ['17.5', 175_000],
    ['17 cents', null],
  ])('%j cents is %j micro-dollars', (value, expected) => {
    expect(readCents(value)).toBe(expected);
  });
});
