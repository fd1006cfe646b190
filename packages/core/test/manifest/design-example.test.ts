import { describe, expect, it } from 'vitest';
import { type Catalogue, parseManifest } from '../../src/index.js';
import { expand, parse, plan } from '../../testing/plan-from-text.js';
import { testCatalogue } from '../../testing/test-catalogue.js';

/** The manifest of the design document, with the providers of the test catalogue in the place of real ones. */
const example = `# yaml-language-server: $schema=./manifest.schema.json
version: 1
batch: spring-launch
languages: [de, pt-BR, ja]      # optional: the expected set; a hole is an error (on_missing_track: error | warn)
labels: { course: onboarding }  # free key: value, on batch, video or CSV row; reports, budgets and --only group by them
defaults:                       # may be set again on a video or a track; the nearest wins
  provider: [acme, globex]
  resolution: 720p
  prompt: A presenter speaking to camera
  seed: 42
  options: { initech: { speed: fast } }   # route-only fields, checked against that route
budget: { max_usd: 250, per_day_usd: 100, margin: 10% }
on_uncertain: hold
failover_on_rejection: false
output: { dir: ./localized, name: "{video}/{video}.{lang}.mp4" }   # under <dir>/<batch>/
providers:
  acme:
    keys: [ACME_API_KEY, ACME_API_KEY_2]   # names of environment variables, never a secret
    base_url: https://api.acme.test/v1
    limits: { creates: 100, per: 60s, concurrent: 10 }
    price: { usd_per_second: 0.04, minimum_seconds: 5 }
    poll: { first: 20s, every: 5s }
    timeout: 45m
  globex: { tier: silver }
staging: { s3: { bucket: b, endpoint: "https://…", region: eu-1, prefix: in/, presign: 24h, public_base_url: null } }
videos:
  - id: keynote
    source: ./media/keynote.mp4         # relative to the manifest, or an https URL
    duration: 31.2s                     # optional and then trusted; probed when absent
    mask_image: ./media/keynote-mask.png
    tracks:
      de: ./audio/keynote.de.mp3
      pt-BR: { audio: https://cdn.example.com/keynote.pt.mp3, provider: globex, duration: 31s }
      ja: { left_audio: ./a.wav, right_audio: ./b.wav, order: left_right, left_duration: 12s, right_duration: 9.5s,
            provider: globex/duet }
  - from: ./course/*.mp4                # every match is a video; id from its name; an explicit item overrides a match
    id: "{name}"
    tracks: ./audio/{lang}/{name}.mp3
  - csv: ./rows.csv                     # video,lang,audio,… one row a job
`;

const disk = {
  files: ['course/a.mp4', 'audio/de/a.mp3', 'audio/pt-BR/a.mp3', 'audio/ja/a.mp3'],
  texts: { 'rows.csv': 'video,lang,audio\nb.mp4,de,b1.mp3\nb.mp4,pt-BR,b2.mp3\nb.mp4,ja,b3.mp3\n' },
};

describe('the manifest of the design document', () => {
  it('parses without an issue', () => {
    expect(parseManifest(example, { file: 'manifest.yaml', catalogue: testCatalogue }).issues).toEqual([]);
  });

  it('comes out as values', () => {
    expect(parse(example)).toMatchObject({
      budget: { max_usd: 250_000_000, per_day_usd: 100_000_000, margin: 10 },
      providers: { acme: { limits: { per: 60_000 }, poll: { first: 20_000 }, timeout: 2_700_000 } },
      staging: { s3: { presign: 86_400_000, public_base_url: null } },
    });
  });

  it('plans the jobs of all three kinds of entries', () => {
    expect(expand(example, disk).warnings).toEqual([]);
    const { plan: built, issues } = plan(example, { disk });
    expect(issues).toEqual([]);
    expect(built.jobs.map((job) => `${job.key} ${job.choices.map((choice) => choice.route).join(' ')}`)).toEqual([
      'keynote/de acme/talk globex/dub',
      'keynote/pt-BR globex/dub',
      'keynote/ja globex/duet',
      'a/de acme/talk globex/dub',
      'a/ja acme/talk globex/dub',
      'a/pt-BR acme/talk globex/dub',
      'b/de acme/talk globex/dub',
      'b/pt-BR acme/talk globex/dub',
      'b/ja acme/talk globex/dub',
    ]);
  });

  it('takes anchors, aliases and merges', () => {
    const text = `version: 1
batch: b
defaults: &common { prompt: Hi }
videos:
  - &first { id: a, source: ./a.mp4, tracks: { de: ./de.mp3 } }
  - <<: *first
    id: b
    seed: x
`;
    const { issues } = parseManifest(text, { file: 'm.yaml', catalogue: testCatalogue as Catalogue });
    expect(issues.map(({ line, column, message }) => [line, column, message])).toEqual([
      [8, 11, '`seed` is the text "x"'],
    ]);
  });

  it('reads Norwegian as a language', () => {
    const text =
      'version: 1\nbatch: b\nlanguages: [no]\nvideos:\n  - { id: a, source: ./a.mp4, tracks: { no: ./no.mp3 } }\n';
    expect(parse(text).languages).toEqual(['no']);
  });
});
