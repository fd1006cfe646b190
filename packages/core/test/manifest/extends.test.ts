import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { expandManifest, formatIssues, type ManifestFiles, parseManifest } from '../../src/index.js';
import { testCatalogue } from '../../testing/test-catalogue.js';

/** The manifest is `batches/spring.yaml`, called from `/project`; further files lie on a disk of texts. */
function read(text: string, disk: Readonly<Record<string, string>>) {
  const files: ManifestFiles = {
    resolve: (path) => posix.resolve('/project/batches', path),
    listFiles: () => [],
    readText: (path) => disk[posix.relative('/project', path)] ?? null,
  };
  const parsed = parseManifest(text, { file: 'batches/spring.yaml', catalogue: testCatalogue, files });
  return {
    ...parsed,
    files,
    printed: formatIssues(parsed.issues, (file) => parsed.texts.get(file) ?? null, { color: false }),
  };
}

const own = (fields: string) => `version: 1
batch: spring
${fields}
videos:
  - { id: a, source: ./a.mp4, tracks: { de: ./de.mp3 } }
`;

describe('extends', () => {
  it('puts what the shared files say underneath: the nearest wins, mappings merge, lists are replaced', () => {
    const { manifest, printed } = read(
      own(`extends: ../shared.yaml
defaults: { seed: 7 }
languages: [de]
providers: { acme: { limits: { concurrent: 3 } } }`),
      {
        'shared.yaml': `extends: ./company/all.yaml
languages: [de, fr]
labels: { team: dubbing }
defaults: { prompt: A presenter, seed: 1, resolution: 480p }
providers: { acme: { keys: [ACME_A, ACME_B], limits: { concurrent: 1, creates: 5 } } }`,
        'company/all.yaml': `version: 1
defaults: { prompt: Somebody, priority: 2 }
budget: { max_usd: 10 }
staging: { s3: { bucket: b, endpoint: "https://s3.example.com", region: eu-1 } }`,
      },
    );
    expect(printed).toBe('');
    expect(manifest).toMatchObject({
      batch: 'spring',
      languages: ['de'],
      labels: { team: 'dubbing' },
      defaults: { prompt: 'A presenter', seed: 7, resolution: '480p', priority: 2 },
      budget: { max_usd: 10_000_000 },
      staging: { s3: { bucket: 'b' } },
    });
    expect(manifest?.providers?.acme).toMatchObject({
      keys: [{ env: 'ACME_A' }, { env: 'ACME_B' }],
      limits: { concurrent: 3, creates: 5 },
    });
  });

  it.each([
    ['extends: ../shared.yaml', '/project/out'],
    ['extends: ../shared.yaml\noutput: { name: "{video}.{lang}.mp4" }', '/project/out'],
    ['extends: ../shared.yaml\noutput: { dir: ./out }', '/project/batches/out'],
    ['extends: /project/shared.yaml', '/project/out'],
    ['', '/project/batches/localized'],
  ])('starts relative paths at the file that they are written in: %j', (fields, outputDir) => {
    const { manifest, files, printed } = read(own(fields), { 'shared.yaml': 'output: { dir: ./out }' });
    expect(printed).toBe('');
    expect(manifest && expandManifest(manifest, { files }).expanded.outputDir).toBe(outputDir);
  });

  it('names the file, line and column of mistakes in every file, all at once', () => {
    const { printed } = read(own('extends: ../shared.yaml\nbugdet: { max_usd: 1 }\ndefaults: { seed: x }'), {
      'shared.yaml': `extends: ./deep/base.yaml
providers:
  acme: { key: ACME_KEY, poll: { first: 20 } }
budget: { max_usd: much }
`,
      'deep/base.yaml': 'staging: { s3: { bucket: b, region: eu-1 } }\n',
    });
    expect(printed).toMatchInlineSnapshot(`
      "batches/spring.yaml:4:1: \`bugdet\` is unknown (did you mean \`budget\`?) [UNKNOWN_KEY]
        4 | bugdet: { max_usd: 1 }
          | ^^^^^^

      batches/spring.yaml:5:19: \`seed\` is the text "x" (a whole number from -1 to 2147483647) [TYPE]
        5 | defaults: { seed: x }
          |                   ^

      deep/base.yaml:1:16: \`endpoint\` is missing in \`s3\` (an https URL such as https://s3.eu-central-1.example.com) [MISSING]
        1 | staging: { s3: { bucket: b, region: eu-1 } }
          |                ^^^^^^^^^^^^^^^^^^^^^^^^^^^

      shared.yaml:3:11: \`key\` is unknown in \`acme\` (did you mean \`keys\`?) [UNKNOWN_KEY]
        3 |   acme: { key: ACME_KEY, poll: { first: 20 } }
          |           ^^^

      shared.yaml:3:41: \`first\` is the number 20 (write the unit too, such as 20s) [TYPE]
        3 |   acme: { key: ACME_KEY, poll: { first: 20 } }
          |                                         ^^

      shared.yaml:4:20: \`max_usd\` is "much" (an amount of US dollars, such as 0.04 or 250) [VALUE]
        4 | budget: { max_usd: much }
          |                    ^^^^

      6 mistakes"
    `);
  });

  it('tells a key that was pasted into a shared file without showing it', () => {
    const key = 'sk-live-0123456789abcdef0123';
    const { printed } = read(own('extends: ../shared.yaml'), {
      'shared.yaml': `providers: { acme: { keys: [${key}] } }`,
    });
    expect(printed).toContain('shared.yaml:1:29: item 1 of `keys` looks like a key itself');
    expect(printed).not.toContain(key);
  });

  it('says when a file is not there, no YAML, no mapping, or holds what is each manifest’s own', () => {
    const shared = (text: string) => read(own('extends: ../shared.yaml'), { 'shared.yaml': text }).printed;
    expect(read(own('extends: ../shraed.yaml'), {}).printed).toContain(
      'batches/spring.yaml:3:10: ../shraed.yaml is not there (a YAML file; looked at /project/shraed.yaml)',
    );
    expect(shared('a: [')).toContain('shared.yaml:1:4: this bracket is never closed');
    expect(shared('')).toContain('shared.yaml:1:1: the file is empty (a mapping with what manifests share');
    expect(shared('batch: all\nvideos: []')).toContain('shared.yaml:2:1: `videos` stands in a file that others extend');
    expect(shared('extends: [a, b]')).toContain(
      'shared.yaml:1:10: `extends` is a list (a path such as ../shared.yaml)',
    );
    expect(read(own('extends: 3'), {}).printed).toContain('spring.yaml:3:10: `extends` is the number 3');
    expect(read(own('extends: https://example.com/shared.yaml'), {}).printed).toContain('which is no path');
  });

  it.each([
    ['itself', './spring.yaml', {}, 'batches/spring.yaml:3:10: `extends` leads back to batches/spring.yaml'],
    [
      'a circle of shared files',
      '../a.yaml',
      { 'a.yaml': 'extends: ./b.yaml', 'b.yaml': 'extends: ./sub/../a.yaml' },
      'b.yaml:1:10: `extends` leads back to a.yaml',
    ],
  ])('refuses %s', (_what, path, disk, message) => {
    const { manifest, printed } = read(own(`extends: ${path}`), disk as Record<string, string>);
    expect(manifest).toBeNull();
    expect(printed).toContain(message);
    expect(printed).toContain('1 mistake');
  });
});
