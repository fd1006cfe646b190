import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Snapshot } from '@localize/core';
import { liveApp, liveSnapshot } from './live-app.js';
import { LiveFeed } from './live-feed.js';
import { LiveFiles } from './live-files.js';

/** How long the last state may take to reach the pages when the run is over. */
const FAREWELL_MS = 2000;

/** The report of a run that goes on, on loopback. */
export interface LiveReport {
  /** With the token: whoever has it may read. */
  readonly url: string;
  /** Something happened in the run. */
  changed(): void;
  /** Tells every page the last state; nothing is looked at after it. */
  end(): void;
  close(): Promise<void>;
}

export interface LiveReportOptions {
  /** Relative paths of the snapshot start here. */
  readonly cwd: string;
  /** Where the report lies that stays when the run is over, as it is shown. */
  readonly reportPath: string;
  /** Jobs that the run is about. */
  readonly coveredJobs: number;
}

/**
 * Serves the report's page while a run goes on, to this machine alone.
 * @param take the state now
 */
export async function serveLiveReport(
  take: () => Snapshot,
  { cwd, reportPath, coveredJobs }: LiveReportOptions,
): Promise<LiveReport> {
  const files = new LiveFiles(cwd);
  const feed = new LiveFeed(() => liveSnapshot(files, take()));
  const token = randomBytes(24).toString('base64url');
  const app = liveApp({ token, feed, files, reportPath, coveredJobs });
  const server = await listen((request) => app.fetch(request));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/${token}/`,
    changed: () => feed.changed(),
    end: () => feed.end(),
    close: () => {
      feed.abandon();
      return close(server);
    },
  };
}

function listen(fetch: (request: Request) => Response | Promise<Response>): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, hostname: '127.0.0.1', port: 0 }, () => resolve(server as Server)) as Server;
    server.once('error', reject);
  });
}

/** Lets the farewell out; a page that plays a video does not keep the command from ending. */
function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const giveUp = setTimeout(() => server.closeAllConnections(), FAREWELL_MS);
    server.close(() => {
      clearTimeout(giveUp);
      resolve();
    });
    server.closeIdleConnections();
  });
}
