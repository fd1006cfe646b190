// Takes a light and a dark picture of a report: node scripts/take-screenshots.mjs REPORT.html FOLDER
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const [report, folder] = process.argv.slice(2);
if (!report || !folder) {
  console.error('usage: node scripts/take-screenshots.mjs REPORT.html FOLDER');
  process.exit(2);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--headless', '--disable-gpu'],
});
await mkdir(folder, { recursive: true });
for (const colorScheme of ['light', 'dark']) {
  const page = await browser.newPage({ colorScheme, viewport: { width: 1280, height: 1000 } });
  await page.goto(pathToFileURL(resolve(report)).href);
  await page.locator('main').waitFor();
  if (colorScheme === 'dark') await openFirstVideo(page);
  await page.screenshot({ path: join(folder, `report-${colorScheme}.png`) });
}
await browser.close();

/** The players are half of what the report is for. */
async function openFirstVideo(page) {
  const cell = page.locator('.cell').first();
  // Drawn after the first frame.
  await cell.waitFor();
  await cell.click();
  await page.waitForFunction(() => [...document.querySelectorAll('video')].every((video) => video.readyState >= 2));
  await page.getByLabel('Position in both videos').fill('1');
  await page.waitForFunction(() => [...document.querySelectorAll('video')].every((video) => !video.seeking));
}
