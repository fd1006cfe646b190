import { describe, expect, it } from 'vitest';
import { mistakes } from '../../testing/plan-from-text.js';

const base = 'version: 1\nbatch: b\n';
const video = `videos:
  - id: a
    source: ./a.mp4
    tracks: { de: ./de.mp3 }
`;

describe('mistakes in providers, keys and hosts', () => {
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

  it('shows URLs that are no secret beside a key that is unknown', () => {
    const said = mistakes(`${base}providers: { acme: { base_url: 'http://proxy.example.com:8080/v3', tierz: gold } }
videos:
  - { id: k, sorce: https://cdn.example.com/videos/keynote.mp4, a: "https://h/a?X-Amz-Signature=4f5a" }
`);
    expect(said).toContain("base_url: 'http://proxy.example.com:8080/v3', tierz");
    expect(said).toContain('sorce: https://cdn.example.com/videos/keynote.mp4, a');
    expect(said).toContain('X-Amz-Signature=****"');
    expect(mistakes(`${base}notify:\n  url: https://example.com/in/x7\n${video}`)).toContain(
      'https://example.com/*****',
    );
  });

  it('shows nothing of a short key either', () => {
    const keys = ['sk-abc123', 'abc123def456', '4711:sesame', 'fal-key-9z'];
    for (const key of keys) {
      const said = mistakes(`${base}providers:\n  acme: { keys: ['${key}'] }\n${video}`);
      expect(said).toContain('looks like a key itself');
      expect(said).not.toContain(key);
    }
    for (const name of ['ACME_KEY_2', 'acme_key2', 'ACMEKEY2', 'oauth2token']) {
      expect(mistakes(`${base}providers:\n  acme: { keys: [${name}] }\n${video}`)).not.toContain('looks like');
    }
    expect(mistakes(`${base}providers:\n  acme: { keys: [ACME-KEY-2] }\n${video}`)).toContain('"ACME-KEY-2"');
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
});
