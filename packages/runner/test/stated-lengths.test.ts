import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type BudgetCap, costTotals, estimatePrice, type PriceFormula, type WholePlan } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { retry, settle } from '../src/index.js';
import { attempts } from '../src/store/schema/schema.js';
import { type BatchFixture, batchFixture, MEDIA } from '../testing/batch-fixture.js';

/** A provider bills the 5.48 s that its video and the sound have, whatever length the manifest states of the sound's URL. */
const SOUND = join(MEDIA, 'welcome.mp4');
const price = (): PriceFormula => ({
  kind: 'per-second',
  microsPerSecond: { any: 30_000 },
  minimumSeconds: 1,
  source: { kind: 'doc', text: '', date: '' },
});

let batch: BatchFixture;
let host: Server;
let answers: number;
beforeEach(async () => {
  batch = await batchFixture(['de']);
  answers = 200;
  const sound = readFileSync(SOUND);
  host = createServer((request, response) => {
    const [from = 0, to = sound.length - 1] =
      /bytes=(\d+)-(\d*)/
        .exec(request.headers.range ?? '')
        ?.slice(1)
        .map((text) => (text ? Number(text) : undefined)) ?? [];
    const range = `bytes ${from}-${to}/${sound.length}`;
    response.writeHead(answers === 200 ? 206 : answers, { 'content-range': range });
    response.end(answers === 200 ? sound.subarray(from, to + 1) : undefined);
  });
  await new Promise<void>((resolve) => host.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  host.closeAllConnections();
  await new Promise((resolve) => host.close(resolve));
  await batch.close();
});

const money = () => costTotals(batch.snapshot().jobs);
const warnings = () => batch.events.flatMap((event) => (event.type === 'problem' ? [event.message] : []));

function stating(seconds: number, languages = ['de']): WholePlan {
  const plan = batch.plan(languages);
  const billedMs = seconds * 1000;
  const estimate = estimatePrice(price(), { billedMs, resolution: null, frames: null });
  const { port } = host.address() as AddressInfo;
  const jobs = plan.jobs.map((planned) => ({
    ...planned,
    voices: {
      kind: 'one' as const,
      audio: { kind: 'url' as const, url: `http://127.0.0.1:${port}/${planned.language}.mp4` },
    },
    durationMs: billedMs,
    isLengthStated: true as const,
    choices: planned.choices.map((choice) => ({ ...choice, estimate })),
  }));
  return { ...plan, jobs, prices: { 'acme/lips': price() } };
}

describe('a length that the manifest states of a URL', () => {
  it('is booked as what the sound there has, where the video shows that it is too short', async () => {
    expect((await batch.run({}, stating(5))).exit).toBe(0);
    expect(money()).toMatchObject({ billedMicros: 180_000, atRiskMicros: 0 });
    expect(batch.job().attempts[0]).toMatchObject({ costSource: 'price' });
    const sidecar = JSON.parse(readFileSync(join(batch.dir, 'localized/spring/keynote/keynote.de.mp4.json'), 'utf8'));
    expect(sidecar).toMatchObject({ cost_usd: '0.18' });
    const said =
      /sound of keynote\/de is 5\.5 s long at its URL, and its duration is stated as 5 s: .*\$0\.18 .*\$0\.15 /;
    expect(warnings()).toMatchObject([expect.stringMatching(said)]);
  });

  it('is booked so of a video that is held, since it is shorter than was stated', async () => {
    expect((await batch.run({}, stating(20))).exit).toBe(1);
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'too-short' });
    expect(money()).toMatchObject({ billedMicros: 180_000, atRiskMicros: 0 });
  });

  it('leaves the bill in doubt where the sound cannot be looked at, until somebody says what it was', async () => {
    answers = 403;
    expect((await batch.run({}, stating(20))).exit).toBe(1);
    expect(money()).toMatchObject({ billedMicros: 0, atRiskMicros: 600_000 });
    expect(warnings()).toContainEqual(expect.stringContaining('up to $0.60 is at risk'));
    const charged = ' | localize settle manifest.yaml keynote/de --charged <what it cost in USD>';
    expect(batch.job().mend).toBe(`localize retry manifest.yaml --only keynote/de${charged}`);
    await settle(batch.action(), 'keynote/de', { kind: 'charged', micros: 180_000 });
    expect(batch.job().mend).not.toContain('settle');
    expect(money()).toMatchObject({ billedMicros: 180_000, atRiskMicros: 0 });
    await settle(batch.action(), 'keynote/de', { kind: 'charged', micros: 170_000 });
    expect(money()).toMatchObject({ billedMicros: 170_000 });
    expect(batch.job()).toMatchObject({ state: 'held', holdReason: 'too-short' });
  });

  it('closes the route under a budget, as a bill above its reservation does, until somebody has looked', async () => {
    const cap: BudgetCap = { name: 'budget.max_usd', scope: { kind: 'all' }, period: 'batch', micros: 10_000_000 };
    const budget = { caps: [cap], marginPercent: 0, confirmAboveMicros: 10_000_000 };
    await batch.run({}, { ...stating(5), budget });
    expect(warnings()).toContainEqual(expect.stringMatching(/\$0\.18 for keynote\/de .* \$0\.15 was reserved/));
    expect((await batch.run({}, { ...stating(5, ['de', 'fr']), budget })).exit).not.toBe(0);
    expect(batch.scripted.starts).toHaveLength(1);
    expect(warnings().at(-1)).toContain('set its right duration, and `localize retry` lets the route go on');
    // Its price was right, so that nothing is learned of that.
    const { reopened } = await retry(batch.action(), { only: () => true, uncertain: false });
    expect(reopened).toEqual([{ route: 'acme/lips', bill: null }]);
    await batch.run({}, { ...stating(5.48, ['de', 'fr']), budget });
    const bought = batch.store.db.select().from(attempts).all();
    expect(bought.map(({ reservedMicros }) => reservedMicros)).toEqual([150_000, 180_000]);
  });

  it('is trusted where the video bears it out, and nobody asks its host', async () => {
    let asked = 0;
    host.on('request', () => {
      asked += 1;
    });
    expect((await batch.run({}, stating(5.48))).exit).toBe(0);
    expect(money()).toMatchObject({ billedMicros: 180_000, atRiskMicros: 0 });
    expect([asked, warnings()]).toEqual([0, []]);
  });
});
