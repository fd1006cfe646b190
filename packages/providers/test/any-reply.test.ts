import { type CallContext, secret } from '@localize/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findQuery } from '../testing/capability-scene.js';
import { type Canned, type ScriptedServer, startScriptedServer } from '../testing/scripted-server.js';
import { eachlabsSubject } from './harness/eachlabs.js';
import { falSubject } from './harness/fal.js';
import { vibedreamSubject } from './harness/vibedream.js';
import { wavespeedSubject } from './harness/wavespeed.js';

const REFUSALS = new Set([400, 401, 402, 403, 404, 413, 415, 422, 429]);

/** Names that the adapters look for, so that chance meets them. */
const names = fc.constantFrom(
  ...['id', 'predictionID', 'request_id', 'data', 'status', 'code', 'output', 'outputs', 'error', 'detail', 'video'],
  ...['metrics', 'costCents', 'items', 'executions', 'input', 'message', 'classification', 'has_nsfw_contents'],
);
const leaves = fc.oneof(
  fc.constantFrom<unknown>('completed', 'success', 'COMPLETED', 'failed', 'error', 'processing', 'cancelled', 'x1'),
  fc.constantFrom<unknown>(200, 400, 500, 1200, -1, 1e300, null, true, '', 'https://o.example/v.mp4'),
  fc.string(),
);
const { body } = fc.letrec<{ body: unknown }>((tie) => ({
  body: fc.oneof(
    { depthSize: 'small' },
    leaves,
    fc.array(tie('body'), { maxLength: 3 }),
    fc.dictionary(names, tie('body'), { maxKeys: 5 }),
  ),
}));
const reply: fc.Arbitrary<Canned> = fc.record({
  status: fc.oneof({ weight: 3, arbitrary: fc.constant(200) }, fc.integer({ min: 200, max: 599 })),
  body: body.map((value) => JSON.stringify(value)),
});

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.close());

describe.each([vibedreamSubject, eachlabsSubject, wavespeedSubject, falSubject])('any reply to $name', (subject) => {
  const { provider, request } = subject;
  const context = (): CallContext => ({
    connection: { hosts: subject.hosts(server.url), auth: subject.auth, key: secret(subject.key) },
    timeoutMs: 5000,
  });

  it('to a create proves an acceptance only by a success and a refusal only by an explicit one', async () => {
    await fc.assert(
      fc.asyncProperty(reply, async (canned) => {
        server.answer(() => canned);
        const before = server.seen.length;
        const result = await provider.start(request, context());
        expect(server.seen.length).toBe(before + 1);
        const { status = 200 } = canned;
        if (result.outcome === 'accepted') {
          expect(status).toBeLessThan(300);
          expect(result.predictionId).toMatch(/^[\x21-\x7e]+$/);
        }
        if (REFUSALS.has(status)) expect(result.outcome).toBe('refused');
        else if (status > 299) expect(result.outcome).toBe('uncertain');
        expect(result.outcome).not.toBe('unsent');
      }),
      { numRuns: 150 },
    );
  });

  it('to a create names no prediction by a number of which digits are lost where it is read', async () => {
    const answered = async (id: string) => {
      const names = ['id', 'predictionID', 'request_id'].map((name) => `"${name}":${id}`).join();
      server.answer(() => ({ status: 200, body: `{${names},"data":{${names}},"status":"success","code":200}` }));
      return provider.start(request, context());
    };
    expect(await answered('9007199254740991')).toMatchObject({ predictionId: '9007199254740991' });
    expect((await answered('90071992547409931')).outcome).toBe('uncertain');
  });

  it('to a poll, a listing, a cancel or a question of cost is a result and no exception', async () => {
    const reference = provider.referenceFor(request.route, 'an-id');
    await fc.assert(
      fc.asyncProperty(reply, async (canned) => {
        server.answer(() => canned);
        const status = await provider.status(request.route, reference, context());
        if (status.state === 'vanished') expect([200, 404]).toContain(canned.status);
        if (status.state === 'completed' && 'url' in status.output)
          expect(status.output.url).toMatch(/^(?:https?|data):/);
        if (status.state === 'completed' || status.state === 'failed') {
          expect(status.costMicros === null || Number.isSafeInteger(status.costMicros)).toBe(true);
        }
        await provider.find?.(findQuery(request), context());
        await provider.cancel?.(request.route, reference, context());
        await provider.cost?.(request.route, reference, context());
      }),
      { numRuns: 100 },
    );
  });
});
