import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachlabs } from '../src/index.js';
import { contextOn } from '../testing/capability-scene.js';
import { routeNamed } from '../testing/route-named.js';
import { type ScriptedServer, startScriptedServer } from '../testing/scripted-server.js';

let server: ScriptedServer;
beforeEach(async () => {
  server = await startScriptedServer();
});
afterEach(() => server.close());

it.each(['success', 'succeeded', 'SUCCEEDED'])('takes %s of Eachlabs for the end of a prediction', async (status) => {
  server.answer(() => ({ body: { status, predictionID: 'p1', output: 'https://cdn.example/out.mp4' } }));
  const context = contextOn(server, { base_url: '' }, 'key');
  const result = await eachlabs.status(routeNamed('eachlabs/infinitalk'), { id: 'p1' }, context);
  expect(result).toMatchObject({ state: 'completed', output: { url: 'https://cdn.example/out.mp4' } });
});
