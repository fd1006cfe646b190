import { Hono } from 'hono';
import type { Env, Http } from '../http/env.js';
import { guardProvider } from '../http/guard.js';
import { hideErrors } from '../http/hide-errors.js';
import { send } from '../http/reply.js';
import { withAccount } from '../http/with-account.js';
import { handleCreate } from '../predict/handle-create.js';
import { handleListing } from '../predict/handle-listing.js';
import { handlePoll } from '../predict/handle-poll.js';
import { serveOutput } from '../predict/serve-output.js';
import type { View } from '../predict/view.js';
import type { World } from '../world.js';
import { cancelFalRequest } from './fal-cancel.js';
import { falCreate } from './fal-create.js';
import { FAL_APP, FAL_ENDPOINT, falDialect, platformError } from './fal-dialect.js';
import { answerQuery, listBillingEvents, listPrices, listRequests, platformDialect } from './fal-platform.js';
import { FAL_NOT_FOUND, renderFalResult } from './fal-result.js';
import { renderFalStatus } from './fal-status.js';
import { streamFalStatus } from './fal-stream.js';
import { addFalUploads } from './fal-upload.js';

/** fal: the queue (`/queue`), storage (`/rest`), the platform API (`/platform/v1`), and its file host. */
export function createFalApp(world: World): Hono<Env> {
  const app = new Hono<Env>();
  hideErrors(app, falDialect);
  app.use(
    '*',
    guardProvider(world, 'fal', (path) => path.endsWith(`/${FAL_ENDPOINT}`)),
  );
  addQueue(app, world);
  addPlatform(app, world);
  addFalUploads(app, world);
  app.get('/media/outputs/:id/:name', (http) => serveOutput(world, http));
  app.all('*', () => send(platformError(404)));
  return app;
}

function addQueue(app: Hono<Env>, world: World): void {
  app.post(`/queue/${FAL_ENDPOINT}`, (http) => handleCreate(world, http, falCreate));
  const poll = (http: Http, render: (view: View) => ReturnType<typeof renderFalResult>) =>
    handlePoll(world, http, { dialect: falDialect, id: http.req.param('id') ?? '', notFound: FAL_NOT_FOUND, render });
  // The clients use the app's own path; prose examples show the full endpoint, and `/response` [doc queue].
  for (const root of [FAL_APP, FAL_ENDPOINT]) {
    const request = `/queue/${root}/requests/:id` as const;
    app.get(`${request}/status`, (http) =>
      poll(http, (view) => renderFalStatus(world, view, http.req.query('logs') === '1')),
    );
    app.get(`${request}/status/stream`, (http) => streamFalStatus(world, http));
    app.get(request, (http) => poll(http, renderFalResult));
    app.get(`${request}/response`, (http) => poll(http, renderFalResult));
    app.put(`${request}/cancel`, (http) =>
      withAccount(world, http, falDialect, (account) => cancelFalRequest(world, account, http.req.param('id') ?? '')),
    );
  }
}

function addPlatform(app: Hono<Env>, world: World): void {
  app.get('/platform/v1/models/requests/by-endpoint', (http) =>
    handleListing(world, http, platformDialect, (listed) =>
      answerQuery(http, world.now(), (query) => listRequests(world, query, listed)),
    ),
  );
  app.get('/platform/v1/models/billing-events', (http) =>
    handleListing(world, http, platformDialect, (listed) =>
      answerQuery(http, world.now(), (query) => listBillingEvents(world, query, listed)),
    ),
  );
  app.get('/platform/v1/models/pricing', (http) =>
    withAccount(world, http, platformDialect, () => answerQuery(http, world.now(), listPrices)),
  );
}
