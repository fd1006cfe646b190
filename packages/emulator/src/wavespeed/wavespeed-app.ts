import { Hono } from 'hono';
import type { Env } from '../http/env.js';
import { guardProvider } from '../http/guard.js';
import { hideErrors } from '../http/hide-errors.js';
import { withAccount } from '../http/with-account.js';
import { handleCreate } from '../predict/handle-create.js';
import { handleListing } from '../predict/handle-listing.js';
import { handlePoll } from '../predict/handle-poll.js';
import { serveOutput } from '../predict/serve-output.js';
import type { World } from '../world.js';
import { deletePredictions, listModels, quotePrice, readBalance } from './wavespeed-account.js';
import { wavespeedCreate } from './wavespeed-create.js';
import { wavespeedDialect } from './wavespeed-dialect.js';
import { listPredictions } from './wavespeed-list.js';
import { WAVESPEED_MODELS } from './wavespeed-model.js';
import { renderWavespeed } from './wavespeed-poll.js';
import { addWavespeedUploads } from './wavespeed-upload.js';

/** WaveSpeed: two models, result, history, deletion, price, balance, uploads, and its file host. */
export function createWavespeedApp(world: World): Hono<Env> {
  const app = new Hono<Env>();
  hideErrors(app, wavespeedDialect);
  app.use(
    '*',
    guardProvider(world, 'wavespeed', (path) => WAVESPEED_MODELS.some((model) => path.endsWith(`/${model.id}`))),
  );
  for (const model of WAVESPEED_MODELS) {
    const route = wavespeedCreate(model);
    app.post(`/api/v3/${model.id}`, (http) => handleCreate(world, http, route));
  }
  // `/result` in the pages and clients; some documents show the path without it.
  for (const path of ['/api/v3/predictions/:id/result', '/api/v3/predictions/:id'] as const) {
    app.get(path, (http) =>
      handlePoll(world, http, {
        dialect: wavespeedDialect,
        id: http.req.param('id'),
        notFound: wavespeedDialect.refuse(404, 'task not found'),
        render: (view) => renderWavespeed(world, view),
      }),
    );
  }
  app.post('/api/v3/predictions', (http) =>
    handleListing(world, http, wavespeedDialect, (listed) => listPredictions(world, http, listed)),
  );
  app.post('/api/v3/predictions/delete', (http) =>
    withAccount(world, http, wavespeedDialect, (account) => deletePredictions(world, http, account)),
  );
  app.post('/api/v3/model/price', (http) => withAccount(world, http, wavespeedDialect, () => quotePrice(world, http)));
  app.get('/api/v3/balance', (http) =>
    withAccount(world, http, wavespeedDialect, (account) => readBalance(world, account)),
  );
  app.get('/api/v3/models', (http) => withAccount(world, http, wavespeedDialect, listModels));
  addWavespeedUploads(app, world);
  app.get('/cdn/outputs/:name', (http) => serveOutput(world, http));
  app.all('*', (http) => withAccount(world, http, wavespeedDialect, () => wavespeedDialect.refuse(404)));
  return app;
}
