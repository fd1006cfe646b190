import { Hono } from 'hono';
import { createBucketApp } from './bucket/bucket-app.js';
import { createControlApp } from './control/control-app.js';
import { createEachlabsApp } from './eachlabs/eachlabs-app.js';
import { createFalApp } from './fal/fal-app.js';
import type { Env } from './http/env.js';
import { send } from './http/reply.js';
import { createVibedreamApp } from './vibedream/vibedream-app.js';
import { createWavespeedApp } from './wavespeed/wavespeed-app.js';
import type { World } from './world.js';

/** All of it on one origin, each host of a provider under its own path. */
export function createApp(world: World): Hono<Env> {
  const app = new Hono<Env>();
  app.route('/vibedream', createVibedreamApp(world));
  app.route('/eachlabs', createEachlabsApp(world));
  app.route('/wavespeed', createWavespeedApp(world));
  app.route('/fal', createFalApp(world));
  app.route('/bucket', createBucketApp(world));
  app.route('/_emulator', createControlApp(world));
  app.notFound(() => send({ status: 404, body: { error: 'The emulator serves nothing here' } }));
  app.onError((error) => {
    console.error(error);
    return send({ status: 500, body: { error: 'The emulator failed; it has printed why' } });
  });
  return app;
}
