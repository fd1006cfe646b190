import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Snapshot } from '@localize/core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe } from 'vitest';
import { type HtmlOptions, renderHtml } from '../src/index.js';

const CHROMIUM = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium';

const ARGUMENTS = [
  '--no-sandbox',
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Whether the page can be tested. Without a browser a person's run skips those tests and says so; CI fails. */
export function hasBrowser(): boolean {
  if (existsSync(CHROMIUM)) return true;
  const text = `no Chromium at ${CHROMIUM} (set CHROMIUM_PATH): the tests of the HTML report in a real browser`;
  if (process.env.CI) throw new Error(`${text} cannot run`);
  console.warn(`${text} are skipped`);
  return false;
}

/** For what happens in the page by and by: other tests share the machine. */
export const PATIENT = { timeout: 15_000 };

export interface OpenedPage {
  readonly page: Page;
  /** Console errors, uncaught errors and Content-Security-Policy violations, as they come. */
  readonly problems: readonly string[];
  /** Every address that the page asked for, besides itself. */
  readonly requests: readonly string[];
}

/** Opens reports from disk in one browser, each in a context of its own. */
export class ReportBrowser {
  readonly #browser: Browser;
  readonly folder: string;

  private constructor(browser: Browser, folder: string) {
    this.#browser = browser;
    this.folder = folder;
  }

  static async launch(): Promise<ReportBrowser> {
    const folder = await mkdtemp(join(tmpdir(), 'localize-report-'));
    return new ReportBrowser(await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS }), folder);
  }

  /** Opens the report of a snapshot as a file. */
  async open(snapshot: Snapshot, options: HtmlOptions & BrowserContextOptions = {}): Promise<OpenedPage> {
    const {
      mediaBase = '',
      comparedWith,
      audience = 'owner',
      runPages = {},
      ownRun = null,
      ...contextOptions
    } = options;
    const file = join(this.folder, `${crypto.randomUUID()}.html`);
    await writeFile(
      file,
      renderHtml(snapshot, { mediaBase, audience, runPages, ownRun, ...(comparedWith && { comparedWith }) }),
    );
    return this.visit(pathToFileURL(file).href, contextOptions);
  }

  /** Opens an address that shows a report. */
  async visit(address: string, contextOptions: BrowserContextOptions = {}): Promise<OpenedPage> {
    const context = await this.#browser.newContext(contextOptions);
    const page = await context.newPage();
    const problems: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
    });
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => {
      if (!request.isNavigationRequest()) requests.push(request.url());
    });
    await page.goto(address);
    await page.locator('main').waitFor();
    // What takes long is drawn after the first frame.
    await page.locator('.not-yet').first().waitFor({ state: 'detached', timeout: 60_000 });
    return { page, problems, requests };
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Tests that share one browser, which is there while they run. */
export function describeInBrowser(name: string, tests: (browser: Pick<ReportBrowser, 'open' | 'visit'>) => void): void {
  describe.skipIf(!hasBrowser())(name, { timeout: 120_000 }, () => {
    let browser: ReportBrowser;
    beforeAll(async () => {
      browser = await ReportBrowser.launch();
    });
    afterAll(() => browser?.close());
    tests({
      open: (...given) => browser.open(...given),
      visit: (...given) => browser.visit(...given),
    });
  });
}

/** What an element says. */
export async function textOf(page: Page, selector: string): Promise<string> {
  return ((await page.locator(selector).first().textContent()) ?? '').trim();
}
