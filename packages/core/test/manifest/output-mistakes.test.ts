import { describe, expect, it } from 'vitest';
import { mistakes } from '../../testing/plan-from-text.js';

const base = 'version: 1\nbatch: b\n';
const video = `videos:
  - id: a
    source: ./a.mp4
    tracks: { de: ./de.mp3 }
`;

describe('mistakes in sources, outputs, labels and staging', () => {
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

  it('takes no key that no mapping can keep, wherever it stands', () => {
    const text = `${base}labels: { __proto__: c, " ": d }
budget:
  labels: { dept: { "__\\x70roto__": { max_usd: 1 } } }
${video}`;
    expect(mistakes(text)).toMatchInlineSnapshot(`
      "manifest.yaml:3:11: \`__proto__\` cannot be a key (another name) [VALUE]
        3 | labels: { __proto__: c, " ": d }
          |           ^^^^^^^^^

      manifest.yaml:3:30: \` \` is no name for a label (a name without =, since a label is written name=value) [VALUE]
        3 | labels: { __proto__: c, " ": d }
          |                              ^

      manifest.yaml:5:21: \`__proto__\` cannot be a key (another name) [VALUE]
        5 |   labels: { dept: { "__\\x70roto__": { max_usd: 1 } } }
          |                     ^^^^^^^^^^^^^^

      3 mistakes"
    `);
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
});
