import type { Plan, PlannedJob } from '@localize/core';
import { describe, expect, test } from 'vitest';
import { newSpending } from '../src/batch/new-spending.js';
import { confirmSpending } from '../src/commands/confirm-spending.js';

type Price = { micros: number | null; certainty: 'exact' | 'floor' | 'seen' | 'unknown' };

/** A batch of jobs at these prices, all of which are still to be bought. */
function planOf(prices: readonly Price[], changes: { above?: number; host?: string; emulate?: boolean } = {}): Plan {
  const input = { prompt: null, seed: null, resolution: '480p', frames: null, options: {} };
  const jobs = prices.map((price, position) => {
    const estimate = { ...price, billedSeconds: 8 };
    const choices = [{ route: 'wavespeed/infinitetalk', provider: 'wavespeed', input, estimate }];
    const video = { kind: 'url', url: 'https://media.example.com/a.mp4' };
    const voices = { kind: 'one', audio: { kind: 'url', url: 'https://media.example.com/a.mp3' } };
    const names = { key: `v${position}/de`, videoId: `v${position}`, language: 'de', labels: {} };
    return { ...names, video, voices, mask: null, choices, ineligible: [] };
  });
  const hosts = { base_url: changes.host ?? 'https://api.wavespeed.ai/api/v3' };
  const limits = { creates: 5, perMs: 60_000, concurrent: 3 };
  const limitsFrom = { creates: 'default', perMs: 'default', concurrent: 'default' };
  return {
    batch: 'small',
    emulate: changes.emulate ?? false,
    jobs: jobs as unknown as PlannedJob[],
    providers: { wavespeed: { id: 'wavespeed', keys: [], hosts, limits, limitsFrom } },
    budget: { caps: [], marginPercent: 0, confirmAboveMicros: changes.above ?? 10_000_000 },
    prices: {},
    warnings: [],
  } as unknown as Plan;
}

interface Asking {
  readonly answer?: boolean;
  readonly remade?: readonly string[];
  readonly said?: { readonly yes?: boolean; readonly quiet?: boolean };
  readonly isTerminal?: boolean;
  readonly boughtAgain?: string;
}

async function asked(plan: Plan, { answer = true, remade = [], said, isTerminal = true, boughtAgain }: Asking = {}) {
  const questions: string[] = [];
  const shown: string[] = [];
  const finished = {
    state: 'succeeded',
    route: 'wavespeed/infinitetalk',
    isTakenUpAgain: false,
    approved: false,
  } as const;
  const spending = newSpending(
    {
      plan,
      waiting: new Map(),
      blocked: new Map(),
      notes: boughtAgain === undefined ? [] : [boughtAgain],
      boughtAgain: boughtAgain ?? null,
      free: new Map(),
      served: new Map(),
      former: [],
      taken: new Map(),
      corrections: [],
      unpriced: [],
    },
    {
      standings: new Map(remade.map((key) => [key, finished])),
      only: () => true,
      remade: new Set(remade),
    },
  );
  const err = { write: (text: string) => void shown.push(text), isTerminal, columns: 80, rows: 24 };
  const ask = async (question: string) => {
    questions.push(question);
    return answer;
  };
  return { yes: await confirmSpending({ ask, err }, spending, said), questions, shown: shown.join('') };
}

const exact = (micros: number): Price => ({ micros, certainty: 'exact' });
const UNKNOWN: Price = { micros: null, certainty: 'unknown' };

describe('a run on a terminal', () => {
  test('shows the totals and asks before it spends more than confirm_above_usd', async () => {
    const { yes, questions, shown } = await asked(planOf([exact(6_000_000), exact(6_000_000)]), {
      answer: false,
    });
    expect(yes).toBe(false);
    expect(questions).toEqual(['small: 2 jobs for $12.00. Buy?']);
    expect(shown).toMatch(/By provider\n +wavespeed +2 jobs +\$12\.00/);
    expect((await asked(planOf([exact(600_000)], { above: 500_000 }))).questions).toHaveLength(1);
  });

  test('shows the totals where it asks nothing too, and only there', async () => {
    const totals = /^By provider\n +wavespeed +2 jobs +\$12\.00\nsmall: 2 jobs for \$12\.00\n$/;
    const plan = planOf([exact(6_000_000), exact(6_000_000)], { above: 20_000_000 });
    expect((await asked(plan)).shown).toMatch(totals);
    const dear = planOf([exact(6_000_000), exact(6_000_000)]);
    const withYes = await asked(dear, { said: { yes: true } });
    expect([withYes.yes, withYes.questions]).toEqual([true, []]);
    expect(withYes.shown).toMatch(totals);
    expect((await asked(plan, { said: { quiet: true } })).shown).toBe('');
    expect((await asked(plan, { isTerminal: false })).shown).toBe('');
    expect((await asked(planOf([]))).shown).toBe('');
    expect((await asked(planOf([exact(1_000_000)], { emulate: true }))).shown).toContain('$1.00 (simulated)\n');
  });

  test('asks before it buys what was paid for under another name, however little that costs, and says it with --yes too', async () => {
    const boughtAgain = 'paid for before under another name: aa/it (as a/it $0.60, too short)';
    const { questions, shown } = await asked(planOf([exact(600_000)]), { boughtAgain });
    expect(questions).toEqual(['small: 1 job for $0.60. Buy?']);
    expect(shown).toContain(boughtAgain);
    const told = await asked(planOf([exact(600_000)]), { boughtAgain, said: { yes: true }, isTerminal: false });
    expect([told.questions, told.shown]).toEqual([[], `${boughtAgain}\n`]);
    expect((await asked(planOf([exact(600_000)], { emulate: true }), { boughtAgain })).questions).toEqual([]);
  });

  test('asks nothing for less than that, or on the emulator', async () => {
    expect((await asked(planOf([exact(10_000_000)]))).questions).toEqual([]);
    expect((await asked(planOf([exact(90_000_000)], { emulate: true }))).questions).toEqual([]);
  });

  test('asks before an amount that nobody knows, except on loopback', async () => {
    expect((await asked(planOf([UNKNOWN]))).questions).toEqual(['small: 1 job of unknown price. Buy?']);
    expect((await asked(planOf([exact(1_000_000), UNKNOWN]))).questions).toEqual([
      'small: 2 jobs for $1.00 and 1 job of unknown price. Buy?',
    ]);
    expect((await asked(planOf([UNKNOWN], { host: 'http://127.0.0.1:4711/api/v3' }))).questions).toEqual([]);
  });

  test('asks before an amount of which only a minimum is known, until a bill has shown what it comes to', async () => {
    const floor: Price = { micros: 170_000, certainty: 'floor' };
    expect((await asked(planOf([floor], { above: 170_000 }))).questions).toEqual([
      'small: 1 job for at least $0.17. Buy?',
    ]);
    expect((await asked(planOf([{ micros: 400_000, certainty: 'seen' }]))).questions).toEqual([]);
    expect((await asked(planOf([floor], { host: 'http://127.0.0.1:4711/api/v3' }))).questions).toEqual([]);
  });

  test('says when the amount is only a minimum, and what of it makes finished videos again', async () => {
    const floor: Price = { micros: 6_000_000, certainty: 'floor' };
    expect((await asked(planOf([floor, floor]))).questions).toEqual(['small: 2 jobs for at least $12.00. Buy?']);
    const again = await asked(planOf([exact(6_000_000), exact(6_000_000)]), { remade: ['v0/de', 'v1/de'] });
    expect(again.questions).toEqual(['small: 2 jobs (2 of them finished and made again) for $12.00. Buy?']);
  });
});
