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

      manifest.yaml:5:59: \`minimum_seconds\` is -5 (a whole number, at least 0) [VALUE]
        5 |   acme: { price: { usd_per_second: lots, minimum_seconds: -5 } }
          |                                                           ^^

      6 mistakes"
    `);
  });

  it('shows nothing of a webhook’s URL, wherever it stands', () => {
    const text = `${base}notify: { url: "https://hooks.slack.com/services/T01/B02/abc", on: [finishd] }
providers: { acme: { webhook: https://example.com/in/x7/y8, auth: beare } }
${video}`;
    const said = `${mistakes(text)}${mistakes(text.replace(/notify: .*/, 'notify: https://hooks.slack.com/services/T01/B02/abc'))}`;
    expect(said).not.toMatch(/T01|B02|x7/);
    expect(said).toContain('`url` is unknown in `notify`');
    expect(said).toContain('item 1 of `on` is "finishd" (did you mean finished?)');
    expect(said).toContain('`auth` is "beare" (did you mean bearer?)');
  });

  it('says what is wrong with keys that are no names of variables', () => {
    const text = `${base}providers:
  acme: { keys: [sk-live-51H8xYz0123456789abcdefghij, $ACME_KEY, { env: 'two words' }, '' ] }
  initech: { keys: 0f3b6c1e-7a52-4e0d-9c1b-3d2f4a5b6c7d:9a8b7c6d5e4f }
${video}`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:4:18: item 1 of \`keys\` looks like a key itself (put the key into the environment or into .env, and write the name of an environment variable, such as ACME_API_KEY) [SECRET]
        4 |   acme: { keys: [***********************************, $ACME_KEY, { env: 'two words' }, '' ] }
          |                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

      manifest.yaml:4:55: item 2 of \`keys\` is "$ACME_KEY" (ACME_KEY) [VALUE]
        4 |   acme: { keys: [***********************************, $ACME_KEY, { env: 'two words' }, '' ] }
          |                                                       ^^^^^^^^^

      manifest.yaml:4:73: \`env\` is "two words" (the name of an environment variable, such as ACME_API_KEY) [VALUE]
        4 |   acme: { keys: [***********************************, $ACME_KEY, { env: 'two words' }, '' ] }
          |                                                                         ^^^^^^^^^^^

      manifest.yaml:4:88: item 4 of \`keys\` is empty (the name of an environment variable, such as ACME_API_KEY) [TYPE]
        4 |   acme: { keys: [***********************************, $ACME_KEY, { env: 'two words' }, '' ] }
          |                                                                                        ^^

      manifest.yaml:5:20: \`keys\` looks like a key itself (put the key into the environment or into .env, and write the name of an environment variable, such as INITECH_KEY) [SECRET]
        5 |   initech: { keys: ************************************************* }
          |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

      5 mistakes"
    `);
  });

  it('says what is wrong with hosts that are no https URLs', () => {
    const text = `${base}providers:
  acme: { base_url: api.acme.test, auth: basic }
  initech: { base_url: 'http://queue.initech.test', upload_url: 'https://me:secret@files.initech.test', platform_url: x }
  globex: { base_url: 'http://localhost:8080/' , tier: sliver, max_frames: 3 }
${video}`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:4:21: \`base_url\` is "api.acme.test" (an https URL such as https://api.acme.test/v1) [VALUE]
        4 |   acme: { base_url: api.acme.test, auth: basic }
          |                     ^^^^^^^^^^^^^

      manifest.yaml:4:42: \`auth\` is "basic" (x-api-key or bearer) [VALUE]
        4 |   acme: { base_url: api.acme.test, auth: basic }
          |                                          ^^^^^

      manifest.yaml:5:24: \`base_url\` is "http://queue.initech.test", and plain http is for this machine only (https://queue.initech.test) [VALUE]
        5 |   initech: { base_url: 'http://queue.initech.test', upload_url: **************************************, platfo…
          |                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^

      manifest.yaml:5:65: \`upload_url\` has a user name or a password in it (an https URL such as https://files.initech.test) [SECRET]
        5 |   initech: { base_url: 'http://queue.initech.test', upload_url: **************************************, platfo…
          |                                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

      manifest.yaml:5:105: \`platform_url\` is unknown in \`initech\` (keys, base_url, upload_url, auth, limits, price, poll, timeout or max_frames) [UNKNOWN_KEY]
        5 | …******************, platform_url: x }
          |                      ^^^^^^^^^^^^

      manifest.yaml:6:56: \`tier\` is "sliver" (did you mean silver?) [VALUE]
        6 |   globex: { base_url: 'http://localhost:8080/' , tier: sliver, max_frames: 3 }
          |                                                        ^^^^^^

      manifest.yaml:6:64: \`max_frames\` is unknown in \`globex\` (keys, base_url, auth, limits, price, poll, timeout or tier) [UNKNOWN_KEY]
        6 |   globex: { base_url: 'http://localhost:8080/' , tier: sliver, max_frames: 3 }
          |                                                                ^^^^^^^^^^

      7 mistakes"
    `);
  });

  it('says what is wrong with providers and routes that nobody knows', () => {
    const text = `${base}defaults: { provider: acmee }
videos:
  - id: a
    source: ./a.mp4
    provider: [globex/dubb, cheepest]
    tracks: { de: { audio: ./de.mp3, provider: initech/talk }, fr: { audio: ./fr.mp3, provider: [] } }
`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:3:23: \`provider\` names an unknown provider, "acmee" (did you mean acme?) [UNKNOWN_PROVIDER]
        3 | defaults: { provider: acmee }
          |                       ^^^^^

      manifest.yaml:7:16: item 1 of \`provider\` names an unknown route, "globex/dubb" (did you mean globex/dub?) [UNKNOWN_PROVIDER]
        7 |     provider: [globex/dubb, cheepest]
          |                ^^^^^^^^^^^

      manifest.yaml:7:29: item 2 of \`provider\` names an unknown provider, "cheepest" (did you mean cheapest?) [UNKNOWN_PROVIDER]
        7 |     provider: [globex/dubb, cheepest]
          |                             ^^^^^^^^

      manifest.yaml:8:48: \`provider\` names an unknown route, "initech/talk" (did you mean initech/speak?) [UNKNOWN_PROVIDER]
        8 |     tracks: { de: { audio: ./de.mp3, provider: initech/talk }, fr: { audio: ./fr.mp3, provider: [] } }
          |                                                ^^^^^^^^^^^^

      manifest.yaml:8:97: \`provider\` is an empty list (a provider or route id, or a list of them in order of preference) [TYPE]
        8 |     tracks: { de: { audio: ./de.mp3, provider: initech/talk }, fr: { audio: ./fr.mp3, provider: [] } }
          |                                                                                                 ^^

      5 mistakes"
    `);
  });

  it('says what is wrong with settings outside of what any route takes', () => {
    const text = `${base}defaults: { resolution: 1080p, seed: -2, prompt: 5, options: { initech: { speed: fastest, polish: 1, glow: true }, acme: { x: 1 } } }
${video}`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:3:25: \`resolution\` is "1080p" (480p or 720p) [VALUE]
        3 | defaults: { resolution: 1080p, seed: -2, prompt: 5, options: { initech: { speed: fastest, polish: 1, glow: tru…
          |                         ^^^^^

      manifest.yaml:3:38: \`seed\` is -2 (a whole number from -1 to 2147483647) [VALUE]
        3 | defaults: { resolution: 1080p, seed: -2, prompt: 5, options: { initech: { speed: fastest, polish: 1, glow: tru…
          |                                      ^^

      manifest.yaml:3:50: \`prompt\` is the number 5 (text that describes the scene; put it in quotes if it is meant as text) [TYPE]
        3 | defaults: { resolution: 1080p, seed: -2, prompt: 5, options: { initech: { speed: fastest, polish: 1, glow: tru…
          |                                                  ^

      manifest.yaml:3:82: \`speed\` is "fastest" (did you mean fast?) [VALUE]
        3 | defaults: { resolution: 1080p, seed: -2, prompt: 5, options: { initech: { speed: fastest, polish: 1, glow: tru…
          |                                                                                  ^^^^^^^

      manifest.yaml:3:99: \`polish\` is the number 1 (true or false) [TYPE]
        3 | defaults: { resolution: 1080p, seed: -2, prompt: 5, options: { initech: { speed: fastest, polish: 1, glow: tru…
          |                                                                                                   ^

      manifest.yaml:3:102: \`glow\` is unknown in \`initech\` (speed or polish) [UNKNOWN_KEY]
        3 | defaults: { resolution: 1080p, seed: -2, prompt: 5, options: { initech: { speed: fastest, polish: 1, glow: tru…
          |                                                                                                      ^^^^

      manifest.yaml:3:124: \`x\` is unknown in \`acme\` (nothing can be set here) [UNKNOWN_KEY]
        3 | …ow: true }, acme: { x: 1 } } }
          |                      ^

      7 mistakes"
    `);
  });

  it('says what is wrong with sources that are no files', () => {
    const text = `${base}videos:
  - id: a
    source: s3://bucket/a.mp4
    mask_image: ~/mask.png
    tracks: { de: 'http://cdn.test/de.mp3', fr: 'https://', es: , it: 5 }
`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:5:13: \`source\` is "s3://bucket/a.mp4", which is no path (a path such as ./media/keynote.mp4, or an https URL) [VALUE]
        5 |     source: s3://bucket/a.mp4
          |             ^^^^^^^^^^^^^^^^^

      manifest.yaml:6:17: \`mask_image\` is "~/mask.png", and ~ is not expanded here (the full path) [VALUE]
        6 |     mask_image: ~/mask.png
          |                 ^^^^^^^^^^

      manifest.yaml:7:19: \`de\` is "http://cdn.test/de.mp3", and plain http is for this machine only (https://cdn.test/de.mp3) [VALUE]
        7 |     tracks: { de: 'http://cdn.test/de.mp3', fr: 'https://', es: , it: 5 }
          |                   ^^^^^^^^^^^^^^^^^^^^^^^^

      manifest.yaml:7:49: \`fr\` is "https://" (a path such as ./audio/keynote.de.mp3, or an https URL) [VALUE]
        7 |     tracks: { de: 'http://cdn.test/de.mp3', fr: 'https://', es: , it: 5 }
          |                                                 ^^^^^^^^^^

      manifest.yaml:7:61: \`es\` is empty (an audio file, or a mapping with audio) [TYPE]
        7 |     tracks: { de: 'http://cdn.test/de.mp3', fr: 'https://', es: , it: 5 }
          |                                                             ^^

      manifest.yaml:7:71: \`it\` is the number 5 (an audio file, or a mapping with audio) [TYPE]
        7 |     tracks: { de: 'http://cdn.test/de.mp3', fr: 'https://', es: , it: 5 }
          |                                                                       ^

      6 mistakes"
    `);
  });

  it('says what is wrong with output names that do not work', () => {
    const text = `${base}output: { name: '{video}/{language}.mp4' }
${video}`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:3:17: \`name\` is "{video}/{language}.mp4", and {language} is unknown (did you mean {lang}?) [VALUE]
        3 | output: { name: '{video}/{language}.mp4' }
          |                 ^^^^^^^^^^^^^^^^^^^^^^^^

      1 mistake"
    `);
  });

  it('says what is wrong with an output name that leaves its folder', () => {
    const text = `${base}output: { name: '../{video}.{lang}.mp4' }
${video}`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:3:17: \`name\` is "../{video}.{lang}.mp4", which leaves the output folder (a file name such as {video}/{video}.{lang}.mp4, inside the output folder) [VALUE]
        3 | output: { name: '../{video}.{lang}.mp4' }
          |                 ^^^^^^^^^^^^^^^^^^^^^^^

      1 mistake"
    `);
  });

  it('says what is wrong with an absolute output name', () => {
    const text = `${base}output: { name: 'C:/{video}.{lang}.mp4' }
${video}`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:3:17: \`name\` is "C:/{video}.{lang}.mp4", which is an absolute path (a file name such as {video}/{video}.{lang}.mp4, inside the output folder) [VALUE]
        3 | output: { name: 'C:/{video}.{lang}.mp4' }
          |                 ^^^^^^^^^^^^^^^^^^^^^^^

      1 mistake"
    `);
  });

  it('says what is wrong with an output name that is no mp4', () => {
    const text = `${base}output: { name: '{video}.{lang}.mov' }
${video}`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:3:17: \`name\` is "{video}.{lang}.mov", and every output is an .mp4 (a file name such as {video}/{video}.{lang}.mp4, inside the output folder) [VALUE]
        3 | output: { name: '{video}.{lang}.mov' }
          |                 ^^^^^^^^^^^^^^^^^^^^

      1 mistake"
    `);
  });

  it('says what is wrong with labels and staging', () => {
    const text = `${base}labels: { course: [a] }
staging: { s3: { bucket: b, region: eu-1, presign: 24 } }
${video}`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:3:19: \`course\` is a list (text, such as onboarding) [TYPE]
        3 | labels: { course: [a] }
          |                   ^^^

      manifest.yaml:4:16: \`endpoint\` is missing in \`s3\` (an https URL such as https://s3.eu-central-1.example.com) [MISSING]
        4 | staging: { s3: { bucket: b, region: eu-1, presign: 24 } }
          |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

      manifest.yaml:4:52: \`presign\` is the number 24 (write the unit too, such as 24s) [TYPE]
        4 | staging: { s3: { bucket: b, region: eu-1, presign: 24 } }
          |                                                    ^^

      3 mistakes"
    `);
  });

  it.each([
    ['prefix: in//x', '`prefix` is "in//x", with // in it (a prefix such as in/)'],
    ['prefix: a/../b/', '`prefix` is "a/../b/", with .. in it (a prefix such as in/)'],
    ['public_base_url: "https://cdn.test/b?x=1"', 'and names put behind ? would not be read (an https URL such as'],
    ['public_base_url: "https://cdn.test/#b"', 'and names put behind # would not be read (an https URL such as'],
  ])('takes no %s of a bucket', (field, said) => {
    const s3 = `{ bucket: b, endpoint: "https://s3.test", region: eu-1, ${field} }`;
    expect(mistakes(`${base}staging: { s3: ${s3} }\n${video}`)).toContain(said);
  });

  it('takes no label’s name that could be mistaken for another label with its value', () => {
    const text = `${base}labels: { "a=b": c, a: "b=c" }\n${video}`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:3:18: \`a=b\` is no name for a label (a name without =, since a label is written name=value) [VALUE]
        3 | labels: { "a=b": c, a: "b=c" }
          |                  ^

      1 mistake"
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
});
