import { appendFileSync, existsSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith, localize } from './support/cli.js';
import { SMALL, statusOf, writeManifest } from './support/manifests.js';

describe('localize status', () => {
  test('describes a batch that never ran, and makes no state for it', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    const { exit, stdout } = await localize(folder, ['status', '--json']);
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toMatchInlineSnapshot(`
      {
        "at_work": false,
        "batch": "small",
        "budget": [],
        "by_label": [],
        "cost": {
          "at_risk_usd": "0.00",
          "attempts": 0,
          "billed_by_formula_usd": "0.00",
          "billed_usd": "0.00",
          "charged_but_failed_usd": "0.00",
          "estimated_usd": "0.24",
          "in_flight_usd": "0.00",
          "jobs_without_estimate": 1,
          "lost_usd": "0.00",
          "not_charged_usd": "0.00",
          "unpriced_attempts": 0,
        },
        "jobs": [
          {
            "attempts": [],
            "key": "safety/de",
            "labels": {},
            "mend": null,
            "needs_usd": null,
            "output": null,
            "reason": null,
            "route": "eachlabs/infinitalk",
            "state": "pending",
          },
          {
            "attempts": [],
            "key": "safety/fr",
            "labels": {},
            "mend": null,
            "needs_usd": null,
            "output": null,
            "reason": null,
            "route": "wavespeed/infinitetalk",
            "state": "pending",
          },
        ],
        "lanes": [
          {
            "concurrent": 10,
            "creates": 100,
            "creates_in_window": 0,
            "former_key": false,
            "lane": "EACHLABS_API_KEY",
            "learned_concurrent": null,
            "limits_from": {
              "concurrent": "default",
              "creates": "default",
              "per_seconds": "default",
            },
            "next_place_at": null,
            "open": 0,
            "open_uncertain": 0,
            "per_seconds": 60,
            "provider": "eachlabs",
            "rate_limited": 0,
            "until": null,
            "waiting_jobs": 1,
            "waits_for": "job",
            "why": null,
          },
          {
            "concurrent": 3,
            "creates": 5,
            "creates_in_window": 0,
            "former_key": false,
            "lane": "WAVESPEED_API_KEY",
            "learned_concurrent": null,
            "limits_from": {
              "concurrent": "default",
              "creates": "default",
              "per_seconds": "default",
            },
            "next_place_at": null,
            "open": 0,
            "open_uncertain": 0,
            "per_seconds": 60,
            "provider": "wavespeed",
            "rate_limited": 0,
            "until": null,
            "waiting_jobs": 1,
            "waits_for": "job",
            "why": null,
          },
        ],
        "rate_limited": 0,
        "totals": {
          "canceled": 0,
          "failed": 0,
          "held": 0,
          "jobs": 2,
          "orphaned": 0,
          "pending": 2,
          "running": 0,
          "succeeded": 0,
        },
        "waiting_for_money": {
          "jobs": [],
          "needed_usd": "0.00",
          "unknown": [],
        },
        "warnings": [
          "1 job: the source is 720p and wavespeed/infinitetalk makes 480p",
        ],
      }
    `);
    expect(existsSync(join(folder, '.localize'))).toBe(false);
  });

  test('has every field of its contract after a run', { timeout: 60_000 }, async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    expect((await localize(folder, ['--only', 'safety/fr'])).exit).toBe(0);
    const status = JSON.parse((await localize(folder, ['status', '--json'])).stdout);
    const job = status.jobs.find((each: { key: string }) => each.key === 'safety/fr');
    expect(job).toMatchObject({
      key: 'safety/fr',
      state: 'succeeded',
      route: 'wavespeed/infinitetalk',
      output: 'localized/small.emulated/safety/safety.fr.mp4',
      reason: null,
      mend: null,
      attempts: [
        {
          route: 'wavespeed/infinitetalk',
          lane: 'WAVESPEED_API_KEY',
          state: 'completed',
          prediction_id: expect.any(String),
          cost_usd: expect.stringMatching(/^\d+\.\d\d+$/),
          cost_source: expect.stringMatching(/^(provider|price)$/),
          created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
          ended_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        },
      ],
    });
    expect((await localize(folder, ['status', '--verify', '--quiet'])).exit).toBe(0);
    appendFileSync(join(folder, job.output), 'x');
    const verified = await localize(folder, ['status', '--verify', '--json']);
    expect(verified.exit).toBe(1);
    expect(JSON.parse(verified.stdout).verified).toEqual([{ key: 'safety/fr', path: job.output, found: 'changed' }]);

    const people = await localize(folder, ['status']);
    expect(people.stdout).toContain('safety/fr  succeeded');
    expect(people.stdout).toContain('safety/de  pending');
  });

  test('--verify shows a video that was edited with its length and its time kept as replaced, in its row and in the sums', {
    timeout: 60_000,
  }, async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    expect((await localize(folder, [])).exit).toBe(0);
    const { output } = (await statusOf(folder)).jobs[0];
    const path = join(folder, output);
    const { atime, mtime } = statSync(path);
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 255;
    writeFileSync(path, bytes);
    utimesSync(path, atime, mtime);
    const { exit, stdout } = await localize(folder, ['status', '--verify']);
    expect(exit).toBe(1);
    expect(stdout).toContain('All 2 videos are done, 1 of them replaced on disk.');
    expect(stdout).toContain('the output on disk is not the file that was downloaded; it is left alone');
    expect(stdout).toContain(`${output} is not what was downloaded`);
    const { jobs } = JSON.parse((await localize(folder, ['status', '--verify', '--json'])).stdout);
    expect(jobs[0]).toMatchObject({ reason: expect.stringContaining('left alone') });
  });

  test('shows a job that has left the manifest as orphaned before the next run, and counts it no more', {
    timeout: 60_000,
  }, async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL }, { media: true });
    expect((await localize(folder, [])).exit).toBe(0);
    const without = SMALL.replace(/ +fr: .*\n/, '');
    const totalsOf = async (text: string) => {
      writeManifest(folder, text);
      return (await statusOf(folder)).totals;
    };
    expect(await totalsOf(without)).toMatchObject({ jobs: 2, succeeded: 1, orphaned: 1 });
    const people = await localize(folder, ['status']);
    expect(people.stdout).toMatch(/^safety\/fr +orphaned/m);
    expect(people.stdout).toContain('small: The video is done.');
    expect((await localize(folder, ['report'])).exit).toBe(0);
    const csv = readFileSync(join(folder, 'localized/small.emulated/report/jobs.csv'), 'utf8');
    expect(csv).toMatch(/,safety\/fr,safety,fr,succeeded,yes,/);
    const renamed = SMALL.replace(/ fr: /, ' it: ');
    expect(await totalsOf(renamed)).toMatchObject({ jobs: 3, succeeded: 1, pending: 1, orphaned: 1 });
    expect(await totalsOf(SMALL)).toMatchObject({ jobs: 2, succeeded: 2, orphaned: 0 });
  });

  test('says where to look for a batch that was only run on the emulator', async () => {
    const folder = folderWith({ 'manifest.yaml': SMALL.replace('emulate: true\n', '') }, { media: true });
    const words = 'It was run on the emulator, which is shown by: localize status manifest.yaml --emulate\n';
    expect((await localize(folder, ['status'])).stdout).not.toContain('emulator');
    expect((await localize(folder, ['--emulate', '--only', 'safety/de'])).exit).toBe(0);
    expect((await localize(folder, ['status'])).stdout).toContain(words);
    expect((await localize(folder, ['status', 'manifest.yaml', '--emulate'])).stdout).not.toContain(words);
    expect(existsSync(join(folder, '.localize', 'state.db'))).toBe(false);
  });
});
