import { costTotals, FAILURE_KINDS, formatUsd, HOLD_REASONS, type JobSnapshot, jobTotals } from '@localize/core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jsonPieces, REPORT_JSON_SCHEMA, type ReportJson, renderJson } from '../src/index.js';
import { attempt, job, snapshot, unfinished } from './fixture.js';
import { HOSTILE, hostileSnapshot } from './hostile.js';
import { troubledSnapshot } from './troubled.js';

const validate = new Ajv2020({ allErrors: true }).compile(REPORT_JSON_SCHEMA);

describe('the JSON report', () => {
  test.each([
    ['an ordinary batch', snapshot()],
    ['an empty batch', snapshot({ jobs: [], runs: [], lanes: [] })],
    ['a batch where all went wrong', troubledSnapshot()],
    ['hostile text', hostileSnapshot()],
  ])('of %s keeps to its schema', (_, given) => {
    validate(JSON.parse(renderJson(given)));
    expect(validate.errors).toBeNull();
  });

  test('gives the figures of the status command', () => {
    const given = troubledSnapshot();
    const report = JSON.parse(renderJson(given)) as ReportJson;
    const cost = costTotals(given.jobs);
    expect(report.totals).toEqual(jobTotals(given.jobs));
    expect(report.cost).toMatchObject({
      estimated_usd: formatUsd(cost.estimatedMicros),
      billed_usd: formatUsd(cost.billedMicros),
      in_flight_usd: formatUsd(cost.inFlightMicros),
      at_risk_usd: formatUsd(cost.atRiskMicros),
      lost_usd: formatUsd(cost.lostMicros),
      unpriced_attempts: cost.unpricedAttempts,
    });
  });

  test('has null, and never zero, where nobody knows what was billed or what a job costs', () => {
    const free = attempt({ state: 'failed', billedMicros: 0 });
    const unpriced = attempt({ billedMicros: null, estimateMicros: null, costSource: 'none' });
    const unknown = job({ labels: { course: 'safety' }, estimateMicros: null, attempts: [free, unpriced] });
    const known = job({ language: 'fr' });
    const costOf = (jobs: JobSnapshot[]) => JSON.parse(renderJson(snapshot({ jobs }))) as ReportJson;
    const { cost, cost_by } = costOf([unknown, known]);
    expect(cost).toMatchObject({ billed_usd: '0.15', estimated_usd: '0.20', unpriced_attempts: 1 });
    expect(cost_by.language.find(({ name }) => name === 'de')).toMatchObject({ billed_usd: null, estimated_usd: null });
    expect(cost_by.labels.course?.find(({ name }) => name === 'safety')).toMatchObject({ billed_usd: null });
    const alone = costOf([unknown]);
    expect(alone.cost).toMatchObject({ billed_usd: null, estimated_usd: null, unpriced_attempts: 1 });
    validate(alone);
    expect(validate.errors).toBeNull();
    expect(costOf([unfinished({})]).cost).toMatchObject({ billed_usd: '0.00', estimated_usd: '0.20' });
  });

  test('names each job that stopped with its reason and its command', () => {
    const { needs_a_person, next_run_looks_again } = JSON.parse(renderJson(troubledSnapshot())) as ReportJson;
    const [closed, ...forPerson] = needs_a_person;
    expect(closed).toMatchObject({ key: null, lane: 'FAL_KEY', state: 'closed', mend: 'localize manifest.yaml' });
    const holds = Object.values(HOLD_REASONS);
    expect(next_run_looks_again).toHaveLength(holds.filter(({ mendsItself }) => mendsItself).length);
    const stopped = [...forPerson, ...next_run_looks_again];
    expect(stopped).toHaveLength(FAILURE_KINDS.length + holds.length + 1);
    for (const item of stopped) expect(item).toMatchObject({ why: expect.any(String), mend: expect.any(String) });
    expect(stopped.find(({ key }) => key === 'holds/uncertain')).toMatchObject({ at_risk_usd: '0.20' });
  });

  test('keeps names exact, makes prose plain and drops signatures', () => {
    const source = 'https://cdn.example/a.mp4?X-Amz-Signature=abc&part=1';
    const jobs = [unfinished({ videoId: HOSTILE.bidi, reason: HOSTILE.control, source, state: 'failed' })];
    const [job] = (JSON.parse(renderJson(snapshot({ jobs }))) as ReportJson).jobs;
    expect(job).toMatchObject({
      video: HOSTILE.bidi,
      reason: 'bell escape [31mred [0m new line',
      source: 'https://cdn.example/a.mp4?X-Amz-Signature=[redacted]&part=1',
    });
  });
});

test('JSON in pieces says what JSON.stringify says of a value, however deep the pieces go', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat({ max: 4 }), (value, depth) => {
      const whole = JSON.stringify(value);
      expect(JSON.stringify(JSON.parse([...jsonPieces(value, depth)].join('')))).toBe(whole);
      expect([...jsonPieces(value, depth, null)].join('')).toBe(whole);
    }),
  );
});

test('in a JSON report each job is on a line of its own', () => {
  const text = renderJson(snapshot({ jobs: [job({ videoId: 'a' }), job({ videoId: 'b' })] }));
  const { jobs } = JSON.parse(text) as ReportJson;
  const lines = text.split('\n').flatMap((line) => (line.startsWith('    {"key":') ? [line.replace(/,$/, '')] : []));
  expect(lines.map((line) => JSON.parse(line))).toEqual(jobs);
});
