import { expect, test } from 'vitest';
import { describeInBrowser, textOf } from './browser.js';
import { manyJobs } from './many-jobs.js';

describeInBrowser('the page', (browser) => {
  test('draws no more of 10,000 jobs than can be seen, and finds and reaches each', { timeout: 120_000 }, async () => {
    const { page, problems } = await browser.open(manyJobs(10_000));
    await expect(textOf(page, '.found')).resolves.toBe('10,000 jobs');
    expect(await page.locator('.jobs tbody tr').count()).toBeLessThan(100);
    expect(await page.locator('.matrix tbody tr').count()).toBeLessThan(100);
    await page.locator('section[aria-label="All jobs"]').evaluate((box) => box.scrollTo(0, box.scrollHeight));
    await page.locator('.jobs tr[aria-rowindex="10001"]').waitFor();
    expect(await page.locator('.jobs tbody tr').count()).toBeLessThan(100);
    await page.getByLabel('Find').fill('course-499 hu');
    await expect(textOf(page, '.found')).resolves.toMatch(/^1 of 10,000 jobs/);
    await page.getByRole('link', { name: 'Timeline' }).click();
    await page.locator('.lane').first().waitFor();
    expect(await page.locator('#timeline path').count()).toBeLessThan(30);
    expect(problems).toEqual([]);
  });

  test('still opens 100,000 jobs', { timeout: 120_000 }, async () => {
    const { page, problems } = await browser.open(manyJobs(100_000));
    expect(await page.locator('.verdict').textContent()).toContain('100,000 videos');
    await page.getByRole('searchbox').fill('no such job');
    await page.getByText('0 of 100,000').first().waitFor({ timeout: 60_000 });
    expect(problems).toEqual([]);
  });
});
