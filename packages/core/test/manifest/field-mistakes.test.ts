import { describe, expect, it } from 'vitest';
import { mistakes } from '../../testing/plan-from-text.js';

const base = 'version: 1\nbatch: b\n';
const video = `videos:
  - id: a
    source: ./a.mp4
    tracks: { de: ./de.mp3 }
`;

describe('mistakes in fields', () => {
  it('says what is wrong with missing, empty and wrongly typed fields', () => {
    const text = `version: 2
batch: 2026
languages: de
emulate: yes
on_uncertain: buy
`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:1:1: \`videos\` is missing (a list of videos) [MISSING]
        1 | version: 2
          | ^^^^^^^

      manifest.yaml:1:10: \`version\` is 2 (1, the only version so far) [VALUE]
        1 | version: 2
          |          ^

      manifest.yaml:2:8: \`batch\` is the number 2026 (put it in quotes: "2026") [TYPE]
        2 | batch: 2026
          |        ^^^^

      manifest.yaml:3:12: \`languages\` is the text "de" (a list of language tags such as [de, pt-BR, ja]) [TYPE]
        3 | languages: de
          |            ^^

      manifest.yaml:4:10: \`emulate\` is the text "yes" (true or false) [TYPE]
        4 | emulate: yes
          |          ^^^

      manifest.yaml:5:15: \`on_uncertain\` is "buy" (hold, absent or resubmit) [VALUE]
        5 | on_uncertain: buy
          |               ^^^

      6 mistakes"
    `);
  });

  it('takes no control character but tabs and line ends in what a provider is sent', () => {
    const text = (prompt: string) => `${base}defaults: { prompt: ${prompt} }\n${video}`;
    expect(mistakes(text('"hi\\0 there"'))).toContain(
      'manifest.yaml:3:21: `prompt` has the control character U+0000 in it (text that describes the scene)',
    );
    expect(mistakes(text('hi\u0007 there'))).toContain('U+0007');
    expect(mistakes(text('"one\\n\\ttwo"'))).toBe('no mistakes');
    expect(mistakes(text('"half \\ud800 of one"'))).toContain('`prompt` has half a character (U+D800) in it');
    expect(mistakes(text('"\\ud83d\\ude00 whole"'))).toBe('no mistakes');
  });

  it('says what is wrong with unknown keys at every level', () => {
    const text = `${base}batch_name: c
output: { folder: ./x }
budget: { max: 3 }
videos:
  - id: a
    sauce: ./a.mp4
    source: ./a.mp4
    tracks: { de: { audio: ./de.mp3, promt: Hi } }
providers:
  acme: { key: A }
  globx: {}
`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:3:1: \`batch_name\` is unknown (did you mean \`batch\`?) [UNKNOWN_KEY]
        3 | batch_name: c
          | ^^^^^^^^^^

      manifest.yaml:4:11: \`folder\` is unknown in \`output\` (dir, name, s3 or audio) [UNKNOWN_KEY]
        4 | output: { folder: ./x }
          |           ^^^^^^

      manifest.yaml:5:11: \`max\` is unknown in \`budget\` (did you mean \`max_usd\`?) [UNKNOWN_KEY]
        5 | budget: { max: 3 }
          |           ^^^

      manifest.yaml:8:5: \`sauce\` is unknown in video 1 (did you mean \`source\`?) [UNKNOWN_KEY]
        8 |     sauce: ./a.mp4
          |     ^^^^^

      manifest.yaml:10:38: \`promt\` is unknown in \`de\` (did you mean \`prompt\`?) [UNKNOWN_KEY]
        10 |     tracks: { de: { audio: ./de.mp3, promt: Hi } }
           |                                      ^^^^^

      manifest.yaml:12:11: \`key\` is unknown in \`acme\` (did you mean \`keys\`?) [UNKNOWN_KEY]
        12 |   acme: { key: A }
           |           ^^^

      manifest.yaml:13:3: \`globx\` is unknown in \`providers\` (did you mean \`globex\`?) [UNKNOWN_KEY]
        13 |   globx: {}
           |   ^^^^^

      7 mistakes"
    `);
  });

  it('says what is wrong with lengths without a unit, or in words', () => {
    const text = `${base}providers:
  acme: { timeout: 45, poll: { first: 20 seconds, every: 0s }, limits: { creates: 0, per: 1:30, concurrent: 2.5 } }
${video}`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:4:20: \`timeout\` is the number 45 (write the unit too, such as 45s) [TYPE]
        4 |   acme: { timeout: 45, poll: { first: 20 seconds, every: 0s }, limits: { creates: 0, per: 1:30, concurrent: 2.…
          |                    ^^

      manifest.yaml:4:39: \`first\` is "20 seconds" (20s) [VALUE]
        4 |   acme: { timeout: 45, poll: { first: 20 seconds, every: 0s }, limits: { creates: 0, per: 1:30, concurrent: 2.…
          |                                       ^^^^^^^^^^

      manifest.yaml:4:58: \`every\` is "0s" (more than nothing) [VALUE]
        4 |   acme: { timeout: 45, poll: { first: 20 seconds, every: 0s }, limits: { creates: 0, per: 1:30, concurrent: 2.…
          |                                                          ^^

      manifest.yaml:4:83: \`creates\` is 0 (a whole number, at least 1) [VALUE]
        4 |   acme: { timeout: 45, poll: { first: 20 seconds, every: 0s }, limits: { creates: 0, per: 1:30, concurrent: 2.…
          |                                                                                   ^

      manifest.yaml:4:91: \`per\` is "1:30" (90s) [VALUE]
        4 |   acme: { timeout: 45, poll: { first: 20 seconds, every: 0s }, limits: { creates: 0, per: 1:30, concurrent: 2.…
          |                                                                                           ^^^^

      manifest.yaml:4:109: \`concurrent\` is the number 2.5 (a whole number, at least 1) [TYPE]
        4 | …: 1:30, concurrent: 2.5 } }
          |                      ^^^

      6 mistakes"
    `);
  });

  it('says what is wrong with amounts and shares that are none', () => {
    expect(mistakes(`${base}budget: { margin: 0.0004% }\n${video}`)).toContain(
      '`margin` is "0.0004%" (a share such as 10% or 0.125%, to a thousandth of a per cent)',
    );
    const text = `${base}budget: { max_usd: $250, per_day_usd: -1, per_month_usd: '12,50', margin: 10 }
providers:
  acme: { price: { usd_per_second: lots, minimum_seconds: -5 } }
${video}`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:3:20: \`max_usd\` is "$250" (250) [VALUE]
        3 | budget: { max_usd: $250, per_day_usd: -1, per_month_usd: '12,50', margin: 10 }
          |                    ^^^^

      manifest.yaml:3:39: \`per_day_usd\` is -1 (an amount of US dollars, such as 0.04 or 250) [VALUE]
        3 | budget: { max_usd: $250, per_day_usd: -1, per_month_usd: '12,50', margin: 10 }
          |                                       ^^

      manifest.yaml:3:58: \`per_month_usd\` is "12,50" (12.50) [VALUE]
        3 | budget: { max_usd: $250, per_day_usd: -1, per_month_usd: '12,50', margin: 10 }
          |                                                          ^^^^^^^

      manifest.yaml:3:75: \`margin\` is the number 10 (write the sign too: 10%) [TYPE]
        3 | budget: { max_usd: $250, per_day_usd: -1, per_month_usd: '12,50', margin: 10 }
          |                                                                           ^^

      manifest.yaml:5:36: \`usd_per_second\` is "lots" (an amount of US dollars, such as 0.04 or 250) [VALUE]
        5 |   acme: { price: { usd_per_second: lots, minimum_seconds: -5 } }
          |                                    ^^^^

      manifest.yaml:5:59: \`minimum_seconds\` is -5 (a whole number from 0 to 86400) [VALUE]
        5 |   acme: { price: { usd_per_second: lots, minimum_seconds: -5 } }
          |                                                           ^^

      6 mistakes"
    `);
  });

  it('says what is wrong with amounts and lengths beyond reason, and with a key named twice', () => {
    const text = `${base}providers:
  acme: { keys: [A, B, { env: A }], price: { usd_per_second: 2000 }, timeout: 8d }
videos:
  - { id: a, source: ./a.mp4, duration: 25h, tracks: { de: ./de.mp3 } }
`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:4:24: A stands here a second time (each key once) [CONFLICT]
        4 |   acme: { keys: [A, B, { env: A }], price: { usd_per_second: 2000 }, timeout: 8d }
          |                        ^^^^^^^^^^

      manifest.yaml:4:62: \`usd_per_second\` is 2000 (at most 1000) [VALUE]
        4 |   acme: { keys: [A, B, { env: A }], price: { usd_per_second: 2000 }, timeout: 8d }
          |                                                              ^^^^

      manifest.yaml:4:79: \`timeout\` is "8d" (at most 7d) [VALUE]
        4 |   acme: { keys: [A, B, { env: A }], price: { usd_per_second: 2000 }, timeout: 8d }
          |                                                                               ^^

      manifest.yaml:6:41: \`duration\` is "25h" (at most 1d) [VALUE]
        6 |   - { id: a, source: ./a.mp4, duration: 25h, tracks: { de: ./de.mp3 } }
          |                                         ^^^

      4 mistakes"
    `);
  });

  it('names the smallest price where one is below it, and takes what is finer than a millionth of a dollar', () => {
    const text = (price: string) => `${base}providers:
  acme: { price: { usd_per_second: ${price} } }
videos:
  - { id: a, source: ./a.mp4, tracks: { de: ./de.mp3 } }
`;
    const least = ' (at least 0.000001, a millionth of a dollar, or 0) [VALUE]';
    expect(mistakes(text('0.0000001'))).toContain(`\`usd_per_second\` is 1e-7${least}`);
    expect(mistakes(text('"0.0000001"'))).toContain(`\`usd_per_second\` is 0.0000001${least}`);
    expect(mistakes(text('{ 480p: 0.0000009 }'))).toContain(least);
    for (const price of ['0', '0.000001', '0.0333333333'])
      expect(mistakes(text(price))).not.toContain('usd_per_second');
  });
});
