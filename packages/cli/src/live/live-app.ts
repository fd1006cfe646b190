import { timingSafeEqual } from 'node:crypto';
import type { Snapshot } from '@localize/core';
import { plainSnapshot, renderHtml } from '@localize/report';
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { LiveFeed } from './live-feed.js';
import { FILES, type LiveFiles } from './live-files.js';
import { sendFile } from './send-file.js';

export interface LiveAppOptions {
  /** Part of every address: who does not know it gets nothing. */
  readonly token: string;
  readonly feed: LiveFeed;
  readonly files: LiveFiles;
  /** Where the report lies that stays when the run is over, as it is shown. */
  readonly reportPath: string;
  /** Jobs that the run is about. */
  readonly coveredJobs: number;
}

/** No page of another site may read an answer, and nothing is kept. */
const HEADERS = {
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** The pages of a run that goes on: read access only, to the report and to the videos that it names. */
export function liveApp({ token, feed, files, reportPath, coveredJobs }: LiveAppOptions): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
    // Another site that makes its name point to loopback sends that name.
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(context.req.header('host') ?? '')) return context.body(null, 403);
    await next();
  });
  app.use('/:token/*', async (context, next) => {
    if (!isSame(context.req.param('token'), token)) return context.notFound();
    await next();
  });
  // Every browser asks a server for one.
  app.get('/favicon.ico', (context) => context.body(null, 204));
  // Copied by hand it often lacks its end.
  app.get('/:token', (context) => context.redirect(`/${token}/`));
  app.get('/:token/', (context) =>
    context.html(
      renderHtml(JSON.parse(feed.state.text) as Snapshot, {
        mediaBase: FILES,
        eventsUrl: 'events',
        reportPath,
        coveredJobs,
      }),
    ),
  );
  app.get('/:token/events', (context) =>
    streamSSE(context, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      for (let version = 0; ; ) {
        const state = await feed.after(version, gone.signal);
        if (state === null) return;
        version = state.version;
        await stream.writeSSE({ event: 'snapshot', data: state.text });
        if (state.ended) return stream.writeSSE({ event: 'end', data: '{}' });
      }
    }),
  );
  app.get(`/:token/${FILES}/:name{.+}`, async (context) => {
    const path = files.find(context.req.param('name'));
    if (path === null) return context.notFound();
    const { method } = context.req;
    const answer = await sendFile(path, context.req.header('range'), method === 'HEAD');
    for (const [name, value] of Object.entries(HEADERS)) answer.headers.set(name, value);
    return answer;
  });
  return app;
}

/** The snapshot as it may leave this process. */
export function liveSnapshot(files: LiveFiles, snapshot: Snapshot): Snapshot {
  return files.offer(plainSnapshot(snapshot));
}

function isSame(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
