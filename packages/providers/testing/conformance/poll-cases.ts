import type { CallContext, FailureKind, StatusResult } from '@localize/core';
import { expect } from 'vitest';
import { type Canned, closedAddress, startScriptedServer } from '../scripted-server.js';
import { type Scene, serve, serveAlways } from './scene.js';
import type { ConformanceCase } from './suite.js';

const UNANSWERED: readonly [string, Canned, FailureKind][] = [
  ['an empty object', { body: {} }, 'provider'],
  ['no JSON', { body: 'soon' }, 'provider'],
  ['an empty body', { body: '' }, 'provider'],
  ['null', { body: 'null' }, 'provider'],
  ['an ingress page', { status: 502, body: '<html>nginx</html>' }, 'provider'],
  ['a 500', { status: 500, body: {} }, 'provider'],
  ['a 503', { status: 503, body: { error: 'later' } }, 'provider'],
  ['a 400', { status: 400, body: {} }, 'invalid-input'],
  ['a 401', { status: 401, body: {} }, 'auth'],
  ['a 402', { status: 402, body: {} }, 'payment'],
  ['a 403', { status: 403, body: {} }, 'auth'],
  ['a 408', { status: 408, body: {} }, 'provider'],
  ['a 429', { status: 429, headers: { 'retry-after': '3' }, body: {} }, 'rate-limit'],
];

function poll(scene: Scene, overrides?: Partial<CallContext>): Promise<StatusResult> {
  return pollAt(scene, scene.context(overrides));
}

function pollAt({ subject }: Scene, context: CallContext): Promise<StatusResult> {
  const { provider, request, create } = subject;
  return provider.status(request.route, provider.referenceFor(request.route, create.accepted.id), context);
}

const answers: ConformanceCase[] = [
  {
    key: 'poll-scenes',
    title: 'reads every state in the provider’s own words',
    async run(scene) {
      for (const [name, { replies, expected }] of Object.entries(scene.subject.polls)) {
        serve(scene.server, replies);
        expect(await poll(scene), name).toMatchObject(expected);
      }
    },
  },
  ...(['running', 'completed', 'failed', 'moderated', 'completedEmpty', 'unknownStatus'] as const).map(
    (name): ConformanceCase => ({
      key: `poll-${name}`,
      title: `tells what ${name} means`,
      async run(scene) {
        serve(scene.server, scene.subject.polls[name].replies);
        const result = await poll(scene);
        if (name === 'running') expect(result.state).toBe('pending');
        if (name === 'completed')
          expect(result).toMatchObject({ state: 'completed', output: { url: expect.stringMatching(/^https?:/) } });
        if (name === 'failed') expect(result).toMatchObject({ state: 'failed', canceled: false });
        if (name === 'moderated') expect(result).toMatchObject({ failure: { kind: 'rejected-content' } });
        if (name === 'completedEmpty') expect(result).toMatchObject({ state: 'failed', failure: { kind: 'provider' } });
        if (name === 'unknownStatus') expect(result).toMatchObject({ state: 'pending', phase: 'unknown' });
      },
    }),
  ),
  {
    key: 'poll-of-another',
    title: 'learns nothing from a reply that names another prediction than was asked for',
    async run(scene) {
      serve(scene.server, scene.subject.polls.ofAnother.replies);
      const message = expect.stringContaining('another prediction');
      expect(await poll(scene)).toMatchObject({ state: 'unanswered', failure: { kind: 'provider', message } });
    },
  },
  {
    key: 'poll-vanished',
    title: 'says vanished for a 404, and only then',
    async run(scene) {
      serveAlways(scene.server, { status: 404, body: {} });
      expect(await poll(scene)).toMatchObject({ state: 'vanished', failure: { httpStatus: 404 } });
    },
  },
  ...UNANSWERED.map(
    ([title, reply, kind], index): ConformanceCase => ({
      key: `poll-unanswered-${index + 1}`,
      title: `learns nothing from ${title}`,
      async run(scene) {
        serveAlways(scene.server, reply);
        const result = await poll(scene);
        expect(result).toMatchObject({ state: 'unanswered', failure: { kind } });
        if (reply.status === 429) expect(result).toMatchObject({ failure: { retryAfterMs: 3000 } });
      },
    }),
  ),
];

const network: ConformanceCase[] = [
  {
    key: 'poll-connection-refused',
    title: 'learns nothing from a connection that is refused, lost or late',
    async run(scene) {
      const unanswered = { state: 'unanswered', failure: { kind: 'network' } };
      expect(await pollAt(scene, scene.contextFor(await closedAddress()))).toMatchObject(unanswered);
      scene.server.answer((_seen, _response, incoming) => {
        incoming.socket.destroy();
        return undefined;
      });
      expect(await poll(scene)).toMatchObject(unanswered);
      scene.server.answer(() => undefined);
      expect(await poll(scene, { timeoutMs: 100 })).toMatchObject(unanswered);
    },
  },
  {
    key: 'poll-request',
    title: 'asks with GET and the key, without changing anything',
    async run(scene) {
      serve(scene.server, scene.subject.polls.completed.replies);
      const first = await poll(scene);
      expect(await poll(scene)).toEqual(first);
      expect(scene.server.seen[0]?.url.split('?')[0]).toBe(scene.subject.pollPath);
      for (const seen of scene.server.seen) {
        expect(seen.method).toBe('GET');
        expect(JSON.stringify(seen.headers)).toContain(scene.subject.key);
      }
    },
  },
  {
    key: 'poll-keeps-its-path',
    title: 'never leaves its path for an id with dots and slashes',
    async run(scene) {
      const { provider, request, pollPath, create } = scene.subject;
      const prefix = pollPath.slice(0, pollPath.indexOf(create.accepted.id));
      for (const id of ['../../balance', '..', 'a/b?c=d#e']) {
        await provider.status(request.route, provider.referenceFor(request.route, id), scene.context());
      }
      for (const seen of scene.server.seen) expect(seen.url.startsWith(prefix)).toBe(true);
      expect(scene.server.seen).toHaveLength(3);
    },
  },
  {
    key: 'poll-redirect',
    title: 'carries the key to no other host',
    async run(scene) {
      const elsewhere = await startScriptedServer(() => ({ body: {} }));
      serveAlways(scene.server, { status: 302, headers: { location: elsewhere.url }, body: '' });
      expect(await poll(scene)).toMatchObject({ state: 'unanswered' });
      await elsewhere.close();
      expect(elsewhere.seen).toHaveLength(0);
    },
  },
];

/** What one look at a prediction says. */
export const pollCases: readonly ConformanceCase[] = [...answers, ...network];
