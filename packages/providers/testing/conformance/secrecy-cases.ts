import { expect } from 'vitest';
import type { Scene } from './scene.js';
import type { ConformanceCase } from './suite.js';

const STATUSES = [200, 400, 401, 403, 422, 429, 500];

/** Everything that a verb gives or records when the server throws our own headers back at us. */
async function echoes(scene: Scene): Promise<string> {
  const { provider, request } = scene.subject;
  const told: unknown[] = [];
  for (const status of STATUSES) {
    scene.server.answer((seen) => ({
      status,
      body: { error: seen.headers, message: seen.headers, detail: String(JSON.stringify(seen.headers)) },
    }));
    told.push(await provider.start(request, scene.context()));
    told.push(await provider.status(request.route, provider.referenceFor(request.route, 'an-id'), scene.context()));
  }
  return JSON.stringify([told, scene.records]);
}

/** That no secret gets into anything that is kept. */
export const secrecyCases: readonly ConformanceCase[] = [
  {
    key: 'key-never-kept',
    title: 'keeps the key out of results and records, even when the server repeats it',
    async run(scene) {
      const text = await echoes(scene);
      for (const part of [scene.subject.key, ...scene.subject.key.split(':')]) expect(text).not.toContain(part);
      expect(text).toContain('[secret]');
    },
  },
  {
    key: 'signatures-never-kept',
    title: 'keeps signed query values out of messages and records',
    async run(scene) {
      const { provider, request } = scene.subject;
      const signed = 'https://b.example/a.mp4?X-Amz-Signature=deadbeef\\u0026X-Amz-Credential=cafe';
      scene.server.answer(() => ({ status: 422, body: `{"message":"cannot fetch ${signed}","error":"${signed}"}` }));
      const result = await provider.start(request, scene.context());
      const text = JSON.stringify([result, scene.records]);
      expect(text).not.toContain('deadbeef');
      expect(text).not.toContain('cafe');
    },
  },
  {
    key: 'records-every-exchange',
    title: 'records every exchange, and survives a log that throws',
    async run(scene) {
      const { provider, request, create } = scene.subject;
      scene.server.answer(() => create.accepted.reply);
      await provider.start(request, scene.context());
      expect(scene.records).toMatchObject([{ method: 'POST', status: create.accepted.reply.status ?? 200 }]);
      const onExchange = () => {
        throw new Error('the disk is full');
      };
      const result = await provider.start(request, scene.context({ onExchange }));
      expect(result).toMatchObject({ outcome: 'accepted', predictionId: create.accepted.id });
    },
  },
];
