import { describe, expect, it } from 'vitest';
import { expand, printed } from '../../testing/plan-from-text.js';

const head = 'version: 1\nbatch: b\nlabels: { team: blue }\n';
const text = `${head}videos:
  - csv: ./data/rows.csv
    prompt: A speaker
`;

function rows(csv: string, manifest = text) {
  return expand(manifest, { texts: { 'data/rows.csv': csv } });
}

function problems(csv: string, manifest = text): string {
  const { issues, warnings, texts } = rows(csv, manifest);
  return printed([...issues, ...warnings], manifest, texts);
}

describe('videos from a CSV file', () => {
  it('makes a job of every row, and one video of the rows that name it', () => {
    const { expanded, issues } = rows(
      'video,lang,audio,duration,label:course,provider,seed\n' +
        './a.mp4,de,./a.de.mp3,31.2s,intro,globex acme/talk,7\n' +
        './a.mp4,pt-BR,./a.pt.mp3,,,,\n' +
        'https://cdn.test/b%20c.mp4?x=1,de,https://cdn.test/b.mp3,5s,,,\n',
    );
    expect(issues).toEqual([]);
    expect(expanded.videos.map((video) => [video.id, video.tracks.map((track) => track.language)])).toEqual([
      ['a', ['de', 'pt-BR']],
      ['b c', ['de']],
    ]);
    const [video] = expanded.videos;
    expect(video?.settings.prompt).toBe('A speaker');
    expect(video?.labels).toEqual({ team: 'blue' });
    expect(video?.tracks[0]).toMatchObject({
      labels: { course: 'intro' },
      settings: { provider: ['globex', 'acme/talk'], seed: 7 },
      voices: { audio: { durationMs: 31_200, asset: { source: { path: '/project/a.de.mp3' } } } },
    });
  });

  it('reads quotes, semicolons, a byte order mark and Windows line ends', () => {
    const { expanded, issues } = rows(
      '\ufeffvideo;lang;audio;prompt\r\n./a.mp4;de;./a.mp3;"Says ""hi""; waves\r\nand leaves"\r\n\r\n',
    );
    expect(issues).toEqual([]);
    expect(expanded.videos[0]?.tracks[0]?.settings.prompt).toBe('Says "hi"; waves\r\nand leaves');
  });

  it('adds tracks to an explicit video by its id', () => {
    const manifest = `${text}  - { id: intro, source: ./intro.mp4, tracks: { de: ./de.mp3 } }\n`;
    const { expanded, issues } = rows('video,lang,audio\nintro,fr,./fr.mp3\n', manifest);
    expect(issues).toEqual([]);
    expect(expanded.videos.map((video) => [video.id, video.tracks.map((track) => track.language).sort()])).toEqual([
      ['intro', ['de', 'fr']],
    ]);
  });

  it('knows what others call its columns', () => {
    const { issues } = rows('Source,locale,dub\n./a.mp4,de,./a.mp3\n');
    expect(issues.map(({ expected }) => expected)).toEqual(
      expect.arrayContaining(['did you mean video?', 'did you mean lang?', 'did you mean audio?']),
    );
  });

  it('takes two voices', () => {
    const { expanded } = rows(
      'video,lang,left_audio,right_audio,order,left_duration,right_duration\na.mp4,de,l.wav,r.wav,left_right,3s,4s\n',
    );
    expect(expanded.videos[0]?.tracks[0]?.voices).toMatchObject({
      kind: 'two',
      order: 'left_right',
      left: { durationMs: 3000 },
    });
  });

  it('says every mistake with its place in the CSV file', () => {
    const csv =
      'video,lang,audio,duration,seed,audoi\n' +
      './a.mp4,english,./a.mp3,31,x,\n' +
      './a.mp4,de,,5s,,\n' +
      's3://b/a.mp4,de,./a.mp3,5s,,\n' +
      './a.mp4,fr,./a.mp3,5s,1,,too,many\n' +
      './x/a.mp4,it,./a.mp3,5s,1,\n' +
      './a.mp4,es,./1.mp3,,,\n' +
      './a.mp4,es,./2.mp3,,,\n';
    expect(problems(csv)).toMatchInlineSnapshot(`
      "data/rows.csv:1:32: the column "audoi" is unknown (did you mean audio?) [UNKNOWN_KEY]
        1 | video,lang,audio,duration,seed,audoi
          |                                ^^^^^

      data/rows.csv:2:9: "english" has an unknown language, english (en) [LANGUAGE]
        2 | ./a.mp4,english,./a.mp3,31,x,
          |         ^^^^^^^

      data/rows.csv:2:25: \`duration\` is "31" (31s) [VALUE]
        2 | ./a.mp4,english,./a.mp3,31,x,
          |                         ^^

      data/rows.csv:2:28: \`seed\` is the text "x" (a whole number from -1 to 2147483647) [TYPE]
        2 | ./a.mp4,english,./a.mp3,31,x,
          |                            ^

      data/rows.csv:3:1: \`audio\` is missing (audio, or left_audio and right_audio) [MISSING]
        3 | ./a.mp4,de,,5s,,
          | ^^^^^^^

      data/rows.csv:4:1: \`video\` is "s3://b/a.mp4", which is no path (a video’s id, a path, or an https URL) [VALUE]
        4 | s3://b/a.mp4,de,./a.mp3,5s,,
          | ^^^^^^^^^^^^

      data/rows.csv:5:26: this row has 8 cells and the header 6 (a text with the separator in it in double quotes) [CSV]
        5 | ./a.mp4,fr,./a.mp3,5s,1,,too,many
          |                          ^^^

      data/rows.csv:6:1: two videos have the id "a": ./a.mp4 and ./x/a.mp4 (a column id that tells them apart) [DUPLICATE_ID]
        6 | ./x/a.mp4,it,./a.mp3,5s,1,
          | ^^^^^^^^^

      data/rows.csv:8:9: two files claim a/es: ./1.mp3 and ./2.mp3 (one of them) [TWO_FILES]
        8 | ./a.mp4,es,./2.mp3,,,
          |         ^^

      9 mistakes"
    `);
  });

  it('says of a quote that never ends where it began, and nothing of what it swallows', () => {
    expect(problems('video,lang,audio\n./a.mp4,de,"./a\n./b.mp4,fr\n')).toMatch(
      /^data\/rows.csv:2:12: this quote never ends (.*\n)*1 mistake$/,
    );
    expect(problems('video,"lang,audio\n./a.mp4,de,./a\n')).toMatch(
      /^data\/rows.csv:1:7: this quote never ends (.*\n)*1 mistake$/,
    );
  });

  it('loses nothing that stands behind the quote that ends a cell', () => {
    expect(
      problems('video,lang,audio,prompt\n./a.mp4,de,./a,"He said "hi" twice" \n./b.mp4,de,./b,"well"  \n'),
    ).toMatch(/^data\/rows.csv:2:26: "hi" twice"" stands behind the quote that ends its cell (.*\n)*1 mistake$/);
  });

  it('takes no label’s name that no mapping can keep', () => {
    expect(problems('video,lang,audio,label:__proto__\n./a.mp4,de,./a.mp3,c\n')).toContain(
      'data/rows.csv:1:18: "__proto__" is no name for a label',
    );
  });

  it('takes no label’s name with the sign that parts it from its value', () => {
    expect(problems('video,lang,audio,label:a=b\n./a.mp4,de,./a.mp3,c\n')).toContain(
      'data/rows.csv:1:18: "a=b" is no name for a label (a name without =, since a label is written name=value) [VALUE]',
    );
  });

  it.each([
    ['vidio,lang,audio\n./k.mp4,de,./k.mp3\n', '1:1: the column "vidio" is unknown (did you mean video?)'],
    [
      'video,source,lang,audio\nk1,k.mp4,de,./k.mp3\nk1,k.mp4,fr,./k.mp3\n',
      '1:7: the column "source" is unknown (did you mean video, with id as the name of the column video?)',
    ],
    ['video,lang,track\n./k.mp4,de,./k.mp3\n', '1:12: the column "track" is unknown (did you mean audio?)'],
    [
      'video,lang,adio\n./k.mp4,de,./k.mp3\n./k.mp4,fr,./f.mp3\n',
      '1:12: the column "adio" is unknown (did you mean audio?)',
    ],
    ['name,video,lang,audio\nk,./k.mp4,de,./k.mp3\n', '1:1: the column "name" is unknown (did you mean id?)'],
    ['video,lang,left_audio\n./k.mp4,de,./k.mp3\n', '2:12: `right_audio` is missing (both voices)'],
    ['video,lang,audio\n./k.mp4,english,./k.mp3\n', '2:9: "english" has an unknown language, english (en)'],
    ['video,lang,audio\n./k.mp4,de,./k.mp3\n;\n', '3:1: this row has 1 cell and the header 3'],
  ])('tells one slip as one mistake: %j', (csv, said) => {
    expect(problems(csv)).toContain(`data/rows.csv:${said}`);
    expect(problems(csv)).toMatch(/\n1 mistake$/);
  });

  it('reads no row below a header by which each would name the wrong file', () => {
    const { expanded } = rows('video,source,lang,audio\nk1,k.mp4,de,./k.mp3\n');
    expect(expanded.videos).toEqual([]);
    expect(rows('video,lang,audio,colour\n./k.mp4,de,./k.mp3,red\n').expanded.videos).toHaveLength(1);
  });

  it('asks no other entry for the tracks of a file that cannot be read', () => {
    const manifest = `${head}languages: [de, fr]\nvideos:\n  - { id: k1, source: ./k.mp4 }\n  - csv: ./data/rows.csv\n`;
    expect(problems('video,track,lang\nk1,k.mp3,de\n', manifest)).toMatch(/"track" is unknown(.*\n)*1 mistake$/);
    expect(problems('video,audio,lang\nk1,k.mp3,de\n', manifest)).toContain('no track for k1 x fr');
  });

  it('skips rows of empty cells, as a spreadsheet leaves them', () => {
    expect(problems('video;lang;audio\n./k.mp4;de;./k.mp3\n;;\n;\n')).toBe('no mistakes');
  });

  it('says when there is no such file, no header or no row', () => {
    expect(problems('')).toMatchInlineSnapshot(`
      "manifest.yaml:5:10: ./data/rows.csv has no header (columns such as video,lang,audio) [CSV]
        5 |   - csv: ./data/rows.csv
          |          ^^^^^^^^^^^^^^^

      1 mistake"
    `);
    expect(problems('video,language,audio\n')).toMatchInlineSnapshot(`
      "data/rows.csv:1:7: the column "language" is unknown (did you mean lang?) [UNKNOWN_KEY]
        1 | video,language,audio
          |       ^^^^^^^^

      1 mistake"
    `);
    const { issues } = expand(text);
    expect(printed(issues, text)).toMatchInlineSnapshot(`
      "manifest.yaml:5:10: ./data/rows.csv is not there (a CSV file) [CSV]
        5 |   - csv: ./data/rows.csv
          |          ^^^^^^^^^^^^^^^

      1 mistake"
    `);
  });
});
