import { Hono } from 'hono';
import type { Env } from '../http/env.js';
import { guardProvider } from '../http/guard.js';
import { hideErrors } from '../http/hide-errors.js';
import { send } from '../http/reply.js';
import { handleCreate } from '../predict/handle-create.js';
import { handlePoll } from '../predict/handle-poll.js';
import { serveOutput } from '../predict/serve-output.js';
import type { World } from '../world.js';
import { vibedreamCreate } from './vibedream-create.js';
import { vibedreamDialect } from './vibedream-dialect.js';
import { renderVibedream } from './vibedream-poll.js';

/** VibeDream: one model, a poll, and its file host. It documents no listing, upload, cancel or webhook. */
export function createVibedreamApp(world: World): Hono<Env> {
  const app = new Hono<Env>();
  hideErrors(app, vibedreamDialect);
  app.use(
    '*',
    guardProvider(world, 'vibedream', (path) => path.endsWith('/generate')),
  );
  app.post('/api/v1/models/video-to-video/generate', (http) => handleCreate(world, http, vibedreamCreate));
  app.get('/api/v1/predictions/:id', (http) =>
    handlePoll(world, http, {
      dialect: vibedreamDialect,
      id: http.req.param('id'),
      notFound: vibedreamDialect.refuse(404, 'Prediction not found'),
      render: renderVibedream,
    }),
  );
  app.get('/assets/outputs/:id/:name', (http) => serveOutput(world, http));
  app.all('*', () => send(vibedreamDialect.refuse(404)));
  return app;
}
