import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderHtml } from '../src/index.js';
import { hasBrowser, PATIENT, ReportBrowser } from './browser.js';
import { job, snapshot, unfinished } from './fixture.js';

describe.skipIf(!hasBrowser())('the live page', () => {
  let browser: ReportBrowser;
  let server: Server;
  const listeners: ServerResponse[] = [];
  const waiting = unfinished({ language: 'fr', state: 'pending' });
  const before = snapshot({ jobs: [unfinished({ state: 'processing' }), waiting] });
  const after = snapshot({ jobs: [job(), waiting] });

  beforeAll(async () => {
    browser = await ReportBrowser.launch();
    server = createServer((request, response) => {
      if (request.url === '/events') {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
        listeners.push(response);
        return;
      }
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end(
        renderHtml(before, { eventsUrl: '/events', reportPath: 'localized/spring/report/index.html', coveredJobs: 1 }),
      );
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  });

  afterAll(async () => {
    for (const listener of listeners) listener.end();
    await browser?.close();
    server?.close();
  });

  test('follows the run until it ends', async () => {
    const { port } = server.address() as AddressInfo;
    const { page, problems } = await browser.visit(`http://127.0.0.1:${port}/`);
    const verdict = page.locator('.verdict');
    expect(await verdict.textContent()).toBe('0 of 2 videos are done, 2 under way or waiting.');
    await page.getByText('this page follows the run, which is about 1 of the 2 jobs').waitFor();
    await expect.poll(() => listeners.length, PATIENT).toBe(1);
    listeners[0]?.write(`event: snapshot\ndata: ${JSON.stringify(after)}\n\n`);
    await expect.poll(() => verdict.textContent(), PATIENT).toBe('1 of 2 videos are done, 1 under way or waiting.');
    await page.getByRole('button', { name: 'keynote, de: Succeeded' }).click();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.keyboard.press('Escape');
    listeners[0]?.write('event: end\ndata: {}\n\n');
    await page.getByText('this page follows the run').waitFor({ state: 'detached' });
    await page.getByText('The report that stays is localized/spring/report/index.html').waitFor();
    // Its videos are gone with the run, and marks are kept for this address alone.
    await page.getByText('Download your marks: 1 mark made here').waitFor();
    await page.getByRole('button', { name: 'Download marks' }).waitFor();
    await page.getByRole('button', { name: /^keynote, de: / }).click();
    await page.locator('dialog[open]').getByText('marks are made on the report that stays').waitFor();
    expect(await page.locator('.mark-form').count()).toBe(0);
    // Its console may only complain of the icon that every browser asks a server for.
    expect(problems.filter((problem) => !/favicon|ERR_|Failed to load/.test(problem))).toEqual([]);
  });

  test('connects to nothing when it is a file', () => {
    expect(renderHtml(before)).toContain("connect-src 'none'");
  });
});
