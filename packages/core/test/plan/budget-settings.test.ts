import { describe, expect, it } from 'vitest';
import { mistakes, plan, printed } from '../../testing/plan-from-text.js';

const manifest = (budget: string) => `version: 1
batch: b
labels: { course: onboarding }
budget: ${budget}
videos:
  - id: keynote
    source: ./k.mp4
    tracks: { de: ./de.mp3, pt-br: ./pt.mp3 }
`;
const disk = { files: ['k.mp4', 'de.mp3', 'pt.mp3'] };
const capsOf = (budget: string) =>
  plan(manifest(budget), { disk }).plan.budget.caps.map(({ name, scope, period, micros }) => ({
    name,
    scope,
    period,
    micros,
  }));

describe('a manifest’s budget', () => {
  it('takes two spellings of one sign in a label for one', () => {
    const [one, two] = ['Ren\u00e9', 'Rene\u0301'];
    const text = manifest(`{ labels: { course: { "${two}": { max_usd: 1 } } } }`).replace('onboarding', one);
    const { budget, jobs, warnings } = plan(text, { disk }).plan;
    expect(jobs[0]?.labels).toEqual({ course: one });
    expect([budget.caps[0]?.scope, warnings]).toEqual([{ kind: 'label', label: 'course', value: one }, []]);
  });

  it('caps the whole, providers, languages and labels', () => {
    const text = `{ max_usd: 250, providers: { acme: { per_day_usd: 40 } }, languages: { pt-BR: { max_usd: 30.5 } },
  labels: { course: { onboarding: { per_month_usd: 7 } } } }`;
    expect(capsOf(text)).toEqual([
      { name: 'budget.max_usd', scope: { kind: 'all' }, period: 'batch', micros: 250_000_000 },
      {
        name: 'budget.providers.acme.per_day_usd',
        scope: { kind: 'provider', provider: 'acme' },
        period: 'day',
        micros: 40_000_000,
      },
      {
        name: 'budget.languages.pt-BR.max_usd',
        scope: { kind: 'language', language: 'pt-BR' },
        period: 'batch',
        micros: 30_500_000,
      },
      {
        name: 'budget.labels.course.onboarding.per_month_usd',
        scope: { kind: 'label', label: 'course', value: 'onboarding' },
        period: 'month',
        micros: 7_000_000,
      },
    ]);
  });

  it('asks above 10 dollars unless it says otherwise', () => {
    expect(plan(manifest('{}'), { disk }).plan.budget.confirmAboveMicros).toBe(10_000_000);
    expect(plan(manifest('{ confirm_above_usd: 0.5 }'), { disk }).plan.budget.confirmAboveMicros).toBe(500_000);
  });

  it('says every slip in it with its place', () => {
    const text = manifest(
      '{ providers: { acmee: { max_usd: 1 } }, languages: { german: { max_usd: 1 }, pt-BR: {}, pt-br: { max: 1 } } }',
    );
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:4:24: \`acmee\` is unknown in \`providers\` (did you mean \`acme\`?) [UNKNOWN_KEY]
        4 | budget: { providers: { acmee: { max_usd: 1 } }, languages: { german: { max_usd: 1 }, pt-BR: {}, pt-br: { max: …
          |                        ^^^^^

      manifest.yaml:4:62: "german" has an unknown language, german (de) [LANGUAGE]
        4 | budget: { providers: { acmee: { max_usd: 1 } }, languages: { german: { max_usd: 1 }, pt-BR: {}, pt-br: { max: …
          |                                                              ^^^^^^

      manifest.yaml:4:97: "pt-br" and "pt-BR" are one language, pt-BR (one of them) [DUPLICATE_LANGUAGE]
        4 | budget: { providers: { acmee: { max_usd: 1 } }, languages: { german: { max_usd: 1 }, pt-BR: {}, pt-br: { max: …
          |                                                                                                 ^^^^^

      manifest.yaml:4:106: \`max\` is unknown in \`pt-br\` (did you mean \`max_usd\`?) [UNKNOWN_KEY]
        4 | budget: { providers: { acmee: { max_usd: 1 } }, languages: { german: { max_usd: 1 }, pt-BR: {}, pt-br: { max: …
          |                                                                                                          ^^^

      4 mistakes"
    `);
  });

  it('warns of a cap that no job falls under, since it would cap nothing', () => {
    const text = manifest('{ languages: { fr: { max_usd: 1 } }, labels: { course: { onbaording: { max_usd: 1 } } } }');
    const { warnings } = plan(text, { disk });
    expect(printed(warnings, text)).toMatchInlineSnapshot(`
      "manifest.yaml:4:24: warning: no job of the manifest has the language fr, so that this caps none of them [UNUSED_CAP]
        4 | budget: { languages: { fr: { max_usd: 1 } }, labels: { course: { onbaording: { max_usd: 1 } } } }
          |                        ^^

      manifest.yaml:4:66: warning: no job of the manifest has the label course=onbaording, so that this caps none of them (did you mean onboarding?) [UNUSED_CAP]
        4 | budget: { languages: { fr: { max_usd: 1 } }, labels: { course: { onbaording: { max_usd: 1 } } } }
          |                                                                  ^^^^^^^^^^

      2 warnings"
    `);
  });
});
