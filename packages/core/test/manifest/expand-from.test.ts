import { describe, expect, it } from 'vitest';
import type { ExpandedTrack } from '../../src/index.js';
import { expand, type FakeDisk, mistakes, printed } from '../../testing/plan-from-text.js';

const head = 'version: 1\nbatch: b\n';

function keys(text: string, disk: FakeDisk): string[] {
  const { expanded, issues } = expand(text, disk);
  expect(printed(issues, text)).toBe('no mistakes');
  return expanded.videos.flatMap((video) => video.tracks.map((track) => `${video.id}/${track.spelling}`));
}

function problems(text: string, disk: FakeDisk): string {
  const { issues, warnings, texts } = expand(text, disk);
  return printed([...issues, ...warnings], text, texts);
}

function written({ voices }: ExpandedTrack): string {
  return (voices.kind === 'one' ? voices.audio : voices.left).asset.written;
}

const course = {
  files: [
    'course/lesson-10.mp4',
    'course/lesson-2.mp4',
    'audio/de/lesson-2.mp3',
    'audio/pt-BR/lesson-2.mp3',
    'audio/de/lesson-10.mp3',
  ],
};
const from = `${head}videos:
  - from: ./course/*.mp4
    tracks: ./audio/{lang}/{name}.mp3
`;

describe('videos from a pattern', () => {
  it('makes a video of every match, numbers in their order, with the tracks of its name', () => {
    expect(keys(from, course)).toEqual(['lesson-2/de', 'lesson-2/pt-BR', 'lesson-10/de']);
  });

  it('gives relative paths a place below the manifest', () => {
    const [video] = expand(from, course).expanded.videos;
    expect(video?.video.source).toEqual({ kind: 'file', path: '/project/course/lesson-2.mp4' });
  });

  it('names videos by the pattern of id', () => {
    const text = from.replace('    tracks', '    id: "intro-{name}"\n    tracks');
    expect(keys(text, course)).toEqual(['intro-lesson-2/de', 'intro-lesson-2/pt-BR', 'intro-lesson-10/de']);
  });

  it('lets a list of tracks with {name} stand for every match', () => {
    const text = `${head}videos:\n  - from: ./course/*.mp4\n    tracks: { fr: { audio: './{lang}/{name}.mp3', seed: 4 } }\n`;
    const [video] = expand(text, course).expanded.videos;
    expect(video?.tracks[0]?.voices).toMatchObject({ audio: { asset: { written: './fr/lesson-2.mp3' } } });
    expect(video?.tracks[0]?.settings.seed).toBe(4);
  });

  it('lets an explicit item with the same id take the place of a match', () => {
    const text = `${from}  - { id: lesson-2, source: ./other.mp4, tracks: { ja: ./ja.mp3 } }\n`;
    expect(keys(text, course)).toEqual(['lesson-10/de', 'lesson-2/ja']);
  });

  it('lets an explicit item with the same source take the place of a match, and its tracks when it has none', () => {
    const text = `${from}  - { id: second, source: ./course/lesson-2.mp4, prompt: Hi }\n`;
    expect(keys(text, course)).toEqual(['lesson-10/de', 'second/de', 'second/pt-BR']);
  });

  it('warns of the languages of a match whose source another video has, with tracks of its own', () => {
    const item = 'id: second, source: ./course/lesson-2.mp4, tracks: { de: ./de.mp3 }';
    const text = `${from}  - { ${item} }\n`;
    expect(keys(text, course)).toEqual(['lesson-10/de', 'second/de']);
    expect(problems(text, course)).toContain('so that lesson-2/pt-BR will not be made');
  });

  it('warns of them where the video has the id of the match, whatever its source', () => {
    for (const source of ['./course/lesson-2.mp4', './other.mp4']) {
      const text = `${from}  - { id: lesson-2, source: ${source}, tracks: { de: ./de.mp3 } }\n`;
      expect(keys(text, course)).toEqual(['lesson-10/de', 'lesson-2/de']);
      expect(problems(text, course)).toContain('so that lesson-2/pt-BR will not be made');
    }
  });

  it('warns of no language that one of several videos of that source has', () => {
    const item = (id: string, track: string) =>
      `  - { id: ${id}, source: ./course/lesson-2.mp4, tracks: { ${track} } }\n`;
    const text = `${from}${item('second', 'de: ./de.mp3')}${item('third', 'pt-BR: ./pt.mp3')}`;
    expect(keys(text, course)).toEqual(['lesson-10/de', 'second/de', 'third/pt-BR']);
    expect(problems(text, course)).toBe('no mistakes');
  });

  it('parts names and languages where both stand in one file name', () => {
    const text = `${head}videos:\n  - { from: ./v/*.mp4, tracks: './v/{name}-{lang}.mp3' }\n`;
    const files = ['v/lesson-1.mp4', 'v/lesson-1-pt-BR.mp3', 'v/lesson-1-de.mp3'];
    expect(keys(text, { files })).toEqual(['lesson-1/de', 'lesson-1/pt-BR']);
  });

  it('compares names as people see them, however a file system composes them', () => {
    const files = ['course/caf\u0065\u0301.mp4', 'audio/fr/caf\u00e9.mp3'];
    expect(keys(from, { files })).toEqual(['caf\u00e9/fr']);
  });

  it('finds the tracks of an explicit video by a pattern', () => {
    const text = `${head}videos:\n  - { id: a, source: ./course/lesson-2.mp4, tracks: './audio/{lang}/{name}.mp3' }\n`;
    expect(keys(text, course)).toEqual(['a/de', 'a/pt-BR']);
  });

  it('lists a pattern once, however many videos use it', () => {
    const listed: string[] = [];
    const files = Array.from({ length: 50 }, (_, index) => `course/v${index}.mp4`);
    const spy = {
      ...course,
      files: [...files, ...files.map((file) => file.replace('course/', 'audio/de/').replace('mp4', 'mp3'))],
    };
    const disk = {
      get files() {
        listed.push('once');
        return spy.files;
      },
    };
    expand(from, disk);
    expect(listed.length).toBeLessThan(5);
  });
});

describe('mistakes in patterns', () => {
  it('names a pattern that matches nothing', () => {
    expect(problems(from, { files: [] })).toMatchInlineSnapshot(`
      "manifest.yaml:4:11: no file matches "./course/*.mp4" (a pattern of video files) [NO_MATCH]
        4 |   - from: ./course/*.mp4
          |           ^^^^^^^^^^^^^^

      manifest.yaml:5:13: no file matches "./audio/{lang}/{name}.mp3" (a pattern of audio files) [NO_MATCH]
        5 |     tracks: ./audio/{lang}/{name}.mp3
          |             ^^^^^^^^^^^^^^^^^^^^^^^^^

      2 mistakes"
    `);
  });

  it('says of a name that can be no id what helps, and takes the id of an item of its own', () => {
    const files = ['course/What is AI?.mp4', 'audio/de/What is AI?.mp3'];
    const said = problems(from, { files });
    expect(said).toContain('another file name, or an item of its own with this source and an id');
    const own = '  - { id: ai, source: "./course/What is AI?.mp4" }\n';
    expect(keys(`${from}${own}`, { files })).toEqual(['ai/de']);
  });

  it('names audio that is missing altogether, and for one video', () => {
    expect(problems(from, { files: ['course/a.mp4'] })).toMatchInlineSnapshot(`
      "manifest.yaml:5:13: no file matches "./audio/{lang}/{name}.mp3" (a pattern of audio files) [NO_MATCH]
        5 |     tracks: ./audio/{lang}/{name}.mp3
          |             ^^^^^^^^^^^^^^^^^^^^^^^^^

      1 mistake"
    `);
    expect(problems(from, { files: ['course/a.mp4', 'course/b.mp4', 'audio/de/a.mp3'] })).toMatchInlineSnapshot(`
      "manifest.yaml:4:11: no file matches "./audio/{lang}/{name}.mp3" for b (an audio file for it) [NO_MATCH]
        4 |   - from: ./course/*.mp4
          |           ^^^^^^^^^^^^^^

      1 mistake"
    `);
  });

  it('names two files that claim one track', () => {
    const text = from.replace('{name}.mp3', '{name}.*');
    const files = ['course/a.mp4', 'audio/de/a.mp3', 'audio/de/a.wav', 'audio/pt-br/a.mp3', 'audio/pt-BR/a.mp3'];
    expect(problems(text, { files })).toMatchInlineSnapshot(`
      "manifest.yaml:5:13: two files claim a/de: audio/de/a.mp3 and audio/de/a.wav (one of them) [TWO_FILES]
        5 |     tracks: ./audio/{lang}/{name}.*
          |             ^^^^^^^^^^^^^^^^^^^^^^^

      manifest.yaml:5:13: two files claim a/pt-BR: audio/pt-br/a.mp3 and audio/pt-BR/a.mp3 (one of them) [TWO_FILES]
        5 |     tracks: ./audio/{lang}/{name}.*
          |             ^^^^^^^^^^^^^^^^^^^^^^^

      2 mistakes"
    `);
  });

  it('names languages that are none, and audio that belongs to no video', () => {
    const files = ['course/a.mp4', 'audio/german/a.mp3', 'audio/de/a.mp3', 'audio/de/aa.mp3'];
    expect(problems(from, { files })).toMatchInlineSnapshot(`
      "manifest.yaml:5:13: audio/german/a.mp3 has "german" in the place of {lang}, which is no known language tag (de, or language_names: { german: de }) [LANGUAGE]
        5 |     tracks: ./audio/{lang}/{name}.mp3
          |             ^^^^^^^^^^^^^^^^^^^^^^^^^

      manifest.yaml:5:13: warning: audio/de/aa.mp3: no video has that name [EXTRA_TRACK]
        5 |     tracks: ./audio/{lang}/{name}.mp3
          |             ^^^^^^^^^^^^^^^^^^^^^^^^^

      1 mistake, 1 warning"
    `);
  });

  it('names two matches with one id, and names that cannot be ids', () => {
    const text = `${head}videos:\n  - { from: './c/**/*.mp4', tracks: './audio/{lang}/{name}.mp3' }\n`;
    const files = ['c/x/a.mp4', 'c/y/a.mp4', 'c/-b.mp4', 'audio/de/a.mp3'];
    expect(problems(text, { files })).toMatchInlineSnapshot(`
      "manifest.yaml:4:13: c/-b.mp4 would have the id "-b", which starts or ends with a dot, a dash or a space (another file name, or an id such as "lesson-{name}") [VALUE]
        4 |   - { from: './c/**/*.mp4', tracks: './audio/{lang}/{name}.mp3' }
          |             ^^^^^^^^^^^^^^

      manifest.yaml:4:13: two videos have the id "a": c/x/a.mp4 and c/y/a.mp4 (an id of its own for each) [DUPLICATE_ID]
        4 |   - { from: './c/**/*.mp4', tracks: './audio/{lang}/{name}.mp3' }
          |             ^^^^^^^^^^^^^^

      2 mistakes"
    `);
  });
});

describe('two patterns', () => {
  it('may share their audio', () => {
    const text = `${head}videos:
  - { from: './a/*.mp4', tracks: './audio/{lang}/{name}.mp3' }
  - { from: './b/*.mp4', tracks: './audio/{lang}/{name}.mp3' }
`;
    expect(problems(text, { files: ['a/x.mp4', 'b/y.mp4', 'audio/de/x.mp3', 'audio/de/y.mp3'] })).toBe('no mistakes');
  });
});

describe('the expected languages', () => {
  const languages = from.replace('videos:', 'languages: [de, pt, ja]\nvideos:');

  it('names every hole as video x language', () => {
    expect(problems(languages, course)).toMatchInlineSnapshot(`
      "manifest.yaml:5:11: no track for lesson-2 x pt, lesson-2 x ja (a track for each of \`languages\`; it has pt-BR) [MISSING_TRACK]
        5 |   - from: ./course/*.mp4
          |           ^^^^^^^^^^^^^^

      manifest.yaml:5:11: no track for lesson-10 x pt, lesson-10 x ja (a track for each of \`languages\`) [MISSING_TRACK]
        5 |   - from: ./course/*.mp4
          |           ^^^^^^^^^^^^^^

      manifest.yaml:6:13: warning: lesson-2 has a track for pt-BR, which is not among \`languages\` [EXTRA_TRACK]
        6 |     tracks: ./audio/{lang}/{name}.mp3
          |             ^^^^^^^^^^^^^^^^^^^^^^^^^

      2 mistakes, 1 warning"
    `);
  });

  it('warns of holes when told to', () => {
    const { issues, warnings } = expand(languages.replace('videos:', 'on_missing_track: warn\nvideos:'), course);
    expect(issues).toEqual([]);
    expect(warnings.map((warning) => warning.code)).toEqual(['MISSING_TRACK', 'MISSING_TRACK', 'EXTRA_TRACK']);
  });
});

describe('a pattern under "{lang}"', () => {
  const interviews = {
    files: [
      'course/a.mp4',
      'course/b.mp4',
      ...['a', 'b'].flatMap((name) =>
        ['de', 'pt-BR'].flatMap((lang) => ['left', 'right'].map((side) => `audio/${lang}/${name}.${side}.mp3`)),
      ),
    ],
  };
  const two = `${head}videos:
  - from: ./course/*.mp4
    tracks:
      "{lang}":
        left_audio: ./audio/{lang}/{name}.left.mp3
        right_audio: ./audio/{lang}/{name}.right.mp3
        order: left_right
        seed: 4
`;

  it('pairs the left and the right voices of every language', () => {
    expect(keys(two, interviews)).toEqual(['a/de', 'a/pt-BR', 'b/de', 'b/pt-BR']);
    const [, second] = expand(two, interviews).expanded.videos;
    expect(second?.tracks[1]).toMatchObject({
      language: 'pt-BR',
      settings: { seed: 4 },
      voices: {
        kind: 'two',
        order: 'left_right',
        left: { asset: { written: 'audio/pt-BR/b.left.mp3' } },
        right: { asset: { written: 'audio/pt-BR/b.right.mp3' } },
      },
    });
  });

  it('leaves the languages alone that have an entry of their own, of one explicit video too', () => {
    const own = `${two}      de: ./de/{name}.mp3\n`;
    expect(keys(own, interviews)).toEqual(['a/de', 'a/pt-BR', 'b/de', 'b/pt-BR']);
    const [track] = expand(own, interviews).expanded.videos[0]?.tracks ?? [];
    expect(track && written(track)).toBe('./de/a.mp3');
    const one = `${head}videos:
  - { id: x, source: ./course/a.mp4, tracks: { "{lang}": { audio: './audio/{lang}/{name}.left.mp3', resolution: 720p } } }
`;
    expect(keys(one, interviews)).toEqual(['x/de', 'x/pt-BR']);
  });

  it('shows a voice without its partner as a hole', () => {
    const files = interviews.files.filter((file) => file !== 'audio/pt-BR/b.right.mp3');
    const hole = 'b x pt-BR has one voice of two: audio/pt-BR/b.left.mp3, and nothing that matches "./audio/{lang}/';
    expect(problems(two, { files })).toContain(hole);
    const { issues, warnings } = expand(two.replace('videos:', 'on_missing_track: warn\nvideos:'), { files });
    expect([issues, warnings.map(({ code }) => code)]).toEqual([[], ['MISSING_TRACK']]);
  });

  it('names the two files that claim one voice, patterns that find nothing, and files of no video', () => {
    const twice = { files: [...interviews.files, 'audio/DE/a.right.mp3'] };
    expect(problems(two, twice)).toContain('two files claim a/de: audio/de/a.right.mp3 and audio/DE/a.right.mp3');
    const none = problems(two.replace('./audio/{lang}/{name}.right', './gone/{lang}/{name}.right'), interviews);
    expect(none).toContain('no file matches "./gone/{lang}/{name}.right.mp3"');
    const extra = { files: [...interviews.files, 'audio/de/c.left.mp3'] };
    expect(problems(two, extra)).toContain('warning: audio/de/c.left.mp3: no video has that name');
  });

  it('must have {lang}, and no lengths; voices stand below a tag', () => {
    const slips = two.replace('{lang}/{name}.left', 'de/{name}.left').replace('seed: 4', 'duration: 4s');
    expect(mistakes(slips)).toMatchInlineSnapshot(`
      "manifest.yaml:7:21: \`left_audio\` has no {lang} in it (a pattern with {lang} in it, such as ./audio/{lang}/{name}.mp3) [VALUE]
        7 |         left_audio: ./audio/de/{name}.left.mp3
          |                     ^^^^^^^^^^^^^^^^^^^^^^^^^^

      manifest.yaml:10:9: \`duration\` is of one track, and this stands for every language (no such field) [CONFLICT]
        10 |         duration: 4s
           |         ^^^^^^^^

      2 mistakes"
    `);
    const direct = two.replace('      "{lang}":\n', '').replaceAll('        ', '      ');
    expect(mistakes(direct)).toMatchInlineSnapshot(`
      "manifest.yaml:6:7: \`left_audio\` stands where language tags stand (it under a tag such as de, or under "{lang}" for every language) [LANGUAGE]
        6 |       left_audio: ./audio/{lang}/{name}.left.mp3
          |       ^^^^^^^^^^

      manifest.yaml:9:13: \`seed\` is the number 4 (an audio file, or a mapping with audio) [TYPE]
        9 |       seed: 4
          |             ^

      2 mistakes"
    `);
  });
});
