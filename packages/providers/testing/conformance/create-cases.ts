import type { CallContext, FailureKind, StartResult } from '@localize/core';
import { expect } from 'vitest';
import { type Canned, closedAddress } from '../scripted-server.js';
import { type Scene, serveAlways } from './scene.js';
import type { ConformanceCase } from './suite.js';

const REFUSALS: readonly [number, FailureKind][] = [
  [400, 'invalid-input'],
  [401, 'auth'],
  [402, 'payment'],
  [403, 'auth'],
  [404, 'invalid-input'],
  [413, 'invalid-input'],
  [415, 'invalid-input'],
  [422, 'invalid-input'],
  [429, 'rate-limit'],
];

const UNPROVEN_STATUSES = [301, 302, 303, 307, 308, 405, 408, 409, 410, 418, 500, 501, 502, 503, 504, 529];

const HTML: Canned = {
  status: 502,
  headers: { 'content-type': 'text/html' },
  body: '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>',
};

function start(scene: Scene, overrides?: Partial<CallContext>): Promise<StartResult> {
  return scene.subject.provider.start(scene.subject.request, scene.context(overrides));
}

async function expectOutcome(scene: Scene, reply: Canned, outcome: StartResult['outcome']) {
  serveAlways(scene.server, reply);
  const result = await start(scene);
  expect(result.outcome).toBe(outcome);
  // Whatever was answered, one POST left and no second one.
  expect(scene.server.seen).toHaveLength(1);
  return result;
}

const proof: ConformanceCase[] = [
  ...REFUSALS.map(
    ([status, kind]): ConformanceCase => ({
      key: `create-refused-${status}`,
      title: `takes a ${status} for a refusal`,
      async run(scene) {
        const { refusal } = scene.subject.create;
        const result = await expectOutcome(scene, { status, body: refusal.body }, 'refused');
        expect(result).toMatchObject({ failure: { kind, httpStatus: status } });
        expect(JSON.stringify(result)).toContain(refusal.words);
      },
    }),
  ),
  ...UNPROVEN_STATUSES.map(
    (status): ConformanceCase => ({
      key: `create-uncertain-${status}`,
      title: `takes a ${status} for no proof of anything`,
      async run(scene) {
        const headers = status < 400 ? { location: `${scene.server.url}/elsewhere` } : {};
        const result = await expectOutcome(scene, { status, headers, body: {} }, 'uncertain');
        expect(result).toMatchObject({ failure: { kind: 'provider', httpStatus: status } });
      },
    }),
  ),
  ...['{}', 'null', '[]', '"ok"', '', 'not JSON', '{"id": ', '<html>ok</html>', '{"id": null, "data": {"id": ""}}'].map(
    (body, index): ConformanceCase => ({
      key: `create-uncertain-body-${index + 1}`,
      title: `takes a success with the body ${JSON.stringify(body)} for no proof`,
      async run(scene) {
        await expectOutcome(scene, { status: 200, body }, 'uncertain');
      },
    }),
  ),
  {
    key: 'create-refused-without-a-body',
    title: 'takes a refusal with an empty body or {} for a refusal',
    async run(scene) {
      for (const body of ['', '{}', '<html>404</html>']) {
        serveAlways(scene.server, { status: 422, body });
        expect(await start(scene)).toMatchObject({ outcome: 'refused', failure: { kind: 'invalid-input' } });
      }
    },
  },
  {
    key: 'create-uncertain-html',
    title: 'takes an ingress page for no proof, and says so in one line',
    async run(scene) {
      const result = await expectOutcome(scene, HTML, 'uncertain');
      expect(result).toMatchObject({ failure: { message: expect.not.stringContaining('<') } });
    },
  },
  {
    key: 'create-own-refusals',
    title: 'reads the refusals that only this provider words so',
    async run(scene) {
      for (const { title, reply, kind } of scene.subject.create.refusals) {
        serveAlways(scene.server, reply);
        expect(await start(scene), title).toMatchObject({ outcome: 'refused', failure: { kind } });
      }
    },
  },
  {
    key: 'create-own-unproven',
    title: 'takes no success of this provider for proof that names no prediction',
    async run(scene) {
      for (const { title, reply } of scene.subject.create.unproven) {
        serveAlways(scene.server, reply);
        expect(await start(scene), title).toMatchObject({ outcome: 'uncertain' });
      }
    },
  },
];

const request: ConformanceCase[] = [
  {
    key: 'create-request',
    title: 'sends exactly the documented request, once',
    async run(scene) {
      const { create } = scene.subject;
      await expectOutcome(scene, create.accepted.reply, 'accepted');
      const [seen] = scene.server.seen;
      expect(`${seen?.method} ${seen?.url}`).toBe(`POST ${create.path}`);
      expect(JSON.parse(String(seen?.body))).toEqual(create.body);
      expect(seen?.headers).toMatchObject({ 'content-type': 'application/json', ...create.headers });
    },
  },
  {
    key: 'create-accepted',
    title: 'gives the id, the stated price and a reference that survives JSON',
    async run(scene) {
      const { accepted } = scene.subject.create;
      const result = await expectOutcome(scene, accepted.reply, 'accepted');
      expect(result).toMatchObject({ predictionId: accepted.id, costMicros: accepted.costMicros });
      if (result.outcome !== 'accepted') return;
      expect(JSON.parse(JSON.stringify(result.reference))).toEqual(result.reference);
      const { provider, request: sent } = scene.subject;
      expect(provider.referenceFor(sent.route, accepted.id)).toEqual(result.reference);
    },
  },
  {
    key: 'create-own-connection',
    title: 'makes a connection of its own for every create and closes it',
    async run(scene) {
      serveAlways(scene.server, scene.subject.create.accepted.reply);
      await start(scene);
      await start(scene);
      expect(scene.server.seen.map((seen) => seen.connection)).toEqual([1, 2]);
      expect(scene.server.seen.map((seen) => seen.headers.connection)).toEqual(['close', 'close']);
    },
  },
  {
    key: 'create-inexpressible',
    title: 'refuses what the route cannot express before anything leaves',
    async run(scene) {
      for (const inexpressible of scene.subject.inexpressible) {
        const result = await scene.subject.provider.start(inexpressible, scene.context());
        expect(result).toMatchObject({ outcome: 'refused', failure: { kind: 'invalid-input' } });
      }
      expect(scene.server.seen).toHaveLength(0);
    },
  },
  {
    key: 'create-retry-after',
    title: 'hands on how long a 429 asks to wait, and nothing where it does not',
    async run(scene) {
      const { body } = scene.subject.create.refusal;
      const limited = await expectOutcome(scene, { status: 429, headers: { 'retry-after': '7' }, body }, 'refused');
      expect(limited).toMatchObject({ failure: { kind: 'rate-limit', retryAfterMs: 7000 } });
      serveAlways(scene.server, { status: 429, body });
      const plain = await start(scene);
      expect(plain.outcome === 'refused' && plain.failure.retryAfterMs).toBe(undefined);
    },
  },
];

const connection: ConformanceCase[] = [
  {
    key: 'create-lost-reply',
    title: 'is uncertain when the connection closes after the request',
    async run(scene) {
      scene.server.answer((_seen, _response, incoming) => {
        incoming.socket.destroy();
        return undefined;
      });
      expect(await start(scene)).toMatchObject({ outcome: 'uncertain', failure: { kind: 'network' } });
      expect(scene.server.seen).toHaveLength(1);
    },
  },
  {
    key: 'create-truncated-reply',
    title: 'is uncertain when a success breaks off in the middle of its body',
    async run(scene) {
      const whole = JSON.stringify(scene.subject.create.accepted.reply.body);
      scene.server.answer((_seen, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length });
        response.write(whole.slice(0, -5), () => response.destroy());
        return undefined;
      });
      expect(await start(scene)).toMatchObject({ outcome: 'uncertain', failure: { kind: 'network' } });
      expect(scene.server.seen).toHaveLength(1);
    },
  },
  {
    key: 'create-slow-reply',
    title: 'is uncertain when no reply comes in time',
    async run(scene) {
      scene.server.answer(() => undefined);
      const result = await start(scene, { timeoutMs: 150 });
      expect(result).toMatchObject({ outcome: 'uncertain', failure: { kind: 'network', code: 'TIMEOUT' } });
      expect(scene.server.seen).toHaveLength(1);
    },
  },
  {
    key: 'create-aborted',
    title: 'is uncertain, at once, when it is aborted after the request left',
    async run(scene) {
      const controller = new AbortController();
      scene.server.answer(() => {
        controller.abort();
        return undefined;
      });
      const result = await start(scene, { signal: controller.signal });
      expect(result).toMatchObject({ outcome: 'uncertain', failure: { code: 'ABORTED' } });
    },
  },
  {
    key: 'create-aborted-before',
    title: 'sends nothing when it was aborted before',
    async run(scene) {
      const result = await start(scene, { signal: AbortSignal.abort() });
      expect(result).toMatchObject({ outcome: 'unsent', failure: { code: 'ABORTED' } });
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(scene.server.seen).toHaveLength(0);
    },
  },
  {
    key: 'create-connection-refused',
    title: 'is unsent when the connection is refused',
    async run(scene) {
      const { provider, request: sent } = scene.subject;
      const result = await provider.start(sent, scene.contextFor(await closedAddress()));
      expect(result).toMatchObject({ outcome: 'unsent', failure: { kind: 'network', code: 'ECONNREFUSED' } });
    },
  },
  {
    key: 'create-no-tls',
    title: 'is unsent when the TLS handshake fails',
    async run(scene) {
      const { provider, request: sent } = scene.subject;
      const result = await provider.start(sent, scene.contextFor(scene.server.url.replace('http:', 'https:')));
      expect(result).toMatchObject({ outcome: 'unsent', failure: { kind: 'network' } });
      expect(scene.server.seen).toHaveLength(0);
    },
  },
];

/** What the reply to a create proves, and that one POST leaves whatever happens. */
export const createCases: readonly ConformanceCase[] = [...request, ...proof, ...connection];
