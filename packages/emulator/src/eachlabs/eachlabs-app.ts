import { Hono } from 'hono';
import type { Env } from '../http/env.js';
import { guardProvider } from '../http/guard.js';
import { hideErrors } from '../http/hide-errors.js';
import { type Reply, send } from '../http/reply.js';
import { withAccount } from '../http/with-account.js';
import { cancelPrediction } from '../predict/cancel-prediction.js';
import { handleCreate } from '../predict/handle-create.js';
import { handleListing } from '../predict/handle-listing.js';
import { handlePoll } from '../predict/handle-poll.js';
import { serveOutput } from '../predict/serve-output.js';
import type { World } from '../world.js';
import { eachlabsCreate } from './eachlabs-create.js';
import { eachlabsDialect } from './eachlabs-dialect.js';
import { listExecutions } from './eachlabs-list.js';
import { describeModel } from './eachlabs-model.js';
import { renderEachlabs } from './eachlabs-poll.js';
import { addEachlabsUploads } from './eachlabs-upload.js';

const NOT_FOUND = eachlabsDialect.refuse(404, 'Prediction not found');

/** Eachlabs: create, poll, cancel, executions, model, uploads, and its file host. */
export function createEachlabsApp(world: World): Hono<Env> {
  const app = new Hono<Env>();
  hideErrors(app, eachlabsDialect);
  app.use(
    '*',
    guardProvider(world, 'eachlabs', (path) => /\/v1\/prediction\/?$/.test(path)),
  );
  // The page's path ends in a slash [page eachlabs], the documents' does not [doc create-prediction]; both occur in working code.
  for (const path of ['/v1/prediction/', '/v1/prediction']) {
    app.post(path, (http) => handleCreate(world, http, eachlabsCreate));
  }
  app.get('/v1/prediction/:id', (http) =>
    handlePoll(world, http, {
      dialect: eachlabsDialect,
      id: http.req.param('id'),
      notFound: NOT_FOUND,
      // Executions are the organization's, whichever of its keys asks [doc list-executions].
      shared: true,
      render: (view) => renderEachlabs(world, view),
    }),
  );
  app.post('/v1/prediction/:id/cancel', (http) =>
    withAccount(world, http, eachlabsDialect, () => cancel(world, http.req.param('id'))),
  );
  app.get('/v1/executions', (http) =>
    handleListing(world, http, eachlabsDialect, (listed) => listExecutions(world, http, listed), true),
  );
  // Public, no key [doc get-model].
  app.get('/v1/model', (http) => send(describeModel(http.req.query('slug'))));
  addEachlabsUploads(app, world);
  app.get('/cdn/outputs/:name', (http) => serveOutput(world, http));
  app.all('*', () => send(eachlabsDialect.refuse(404, 'No such endpoint')));
  return app;
}

/** [doc cancel-prediction]. A prediction that is over already is answered the same way and stays as it is [assumed]. */
function cancel(world: World, id: string): Reply {
  const prediction = world.predictions.find('eachlabs', id);
  if (prediction === undefined) return NOT_FOUND;
  cancelPrediction(world, prediction);
  return {
    status: 200,
    body: { status: 'cancelled', message: 'Prediction canceled successfully', predictionID: id },
  };
}
