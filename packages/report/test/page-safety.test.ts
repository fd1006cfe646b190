import { expect, test } from 'vitest';
import { describeInBrowser, PATIENT, textOf } from './browser.js';
import { snapshot } from './fixture.js';
import { HOSTILE, hostileSnapshot } from './hostile.js';

describeInBrowser('the page', (browser) => {
  test('keeps hostile text as text', async () => {
    const { page, problems, requests } = await browser.open(hostileSnapshot());
    expect(await page.title()).toBe(`${HOSTILE.script} · localize report`);
    await expect(textOf(page, 'h1')).resolves.toBe(HOSTILE.script);
    const body = await textOf(page, 'main');
    expect(body).toContain(HOSTILE.script);
    expect(body).toContain(HOSTILE.closing);
    expect(await page.locator('img, iframe, main script').count()).toBe(0);
    expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
    // Each cell of the matrix opens a job whose every text is hostile.
    for (const cell of await page.locator('#videos .cell').all()) {
      await cell.click();
      await page.locator('dialog .facts').waitFor();
      expect(await page.locator('dialog a[href^="javascript"], dialog img').count()).toBe(0);
      await page.keyboard.press('Escape');
    }
    expect(await page.title()).toBe(`${HOSTILE.script} · localize report`);
    expect(problems.filter((problem) => !problem.includes('ERR_FILE_NOT_FOUND'))).toEqual([]);
    expect(requests.filter((address) => !address.startsWith('file:'))).toEqual([]);
  });

  test('forbids what it does not need', async () => {
    const { page, problems } = await browser.open(snapshot());
    await page.evaluate(() => {
      const script = document.createElement('img');
      script.src = 'https://evil.example/x.png';
      document.body.append(script);
    });
    await expect.poll(() => problems.join(), PATIENT).toContain('Content Security Policy');
    expect(await page.evaluate(() => fetch('https://evil.example').catch(() => 'refused'))).toBe('refused');
  });
});
