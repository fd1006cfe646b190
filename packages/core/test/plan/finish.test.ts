import { describe, expect, it } from 'vitest';
import { expand, factsFor, mistakes, plan, printed } from '../../testing/plan-from-text.js';

const head = 'version: 1\nbatch: b\n';
const course = `${head}defaults: { provider: globex, subtitles: "./subs/{lang}/{name}.vtt" }
videos:
  - { from: ./course/*.mp4, tracks: "./audio/{lang}/{name}.mp3" }
`;
const media = ['course/a.mp4', 'course/b.mp4', 'audio/de/a.mp3', 'audio/fr/a.mp3', 'audio/de/b.mp3'];
const all = ['subs/de/a.vtt', 'subs/fr/a.vtt', 'subs/de/b.vtt'];

const subtitlesOf = (text: string, files: readonly string[]) => {
  const jobs = plan(text, { disk: { files } }).plan.jobs;
  return jobs.map(({ key, finish }) => [key, finish?.subtitles?.kind === 'file' ? finish.subtitles.path : null]);
};

const problems = (text: string, files: readonly string[]) => {
  const { issues, warnings } = expand(text, { files });
  return printed([...issues, ...warnings], text);
};

describe('subtitles', () => {
  it('are found by the pattern of the defaults', () => {
    expect(subtitlesOf(course, [...media, ...all])).toEqual([
      ['a/de', '/project/subs/de/a.vtt'],
      ['a/fr', '/project/subs/fr/a.vtt'],
      ['b/de', '/project/subs/de/b.vtt'],
    ]);
  });

  it('are those of the nearest: the track, its video, the defaults', () => {
    const text = `${head}defaults: { provider: globex, subtitles: ./one.vtt }
videos:
  - id: a
    source: ./course/a.mp4
    subtitles: "./{name}.vtt"
    tracks: { de: ./de.mp3, fr: { audio: ./fr.mp3, subtitles: ./mine.vtt } }
  - { id: b, source: ./b.mp4, tracks: { de: ./de.mp3 } }
  - { csv: ./rows.csv }
`;
    const texts = { 'rows.csv': 'video,lang,audio,subtitles\nc.mp4,de,de.mp3,./row.vtt\nc.mp4,fr,fr.mp3,\n' };
    const jobs = plan(text, { disk: { texts } }).plan.jobs;
    expect(jobs.map(({ finish }) => finish?.subtitles)).toMatchObject(
      ['a.vtt', 'mine.vtt', 'one.vtt', 'row.vtt', 'one.vtt'].map((name) => ({ path: `/project/${name}` })),
    );
  });

  it('are found in folders that are named by language names', () => {
    const text = course.replace('defaults:', 'language_names: { German: de, French: fr }\ndefaults:');
    const files = [...media, ...all].map((file) => file.replace('/de/', '/German/').replace('/fr/', '/french/'));
    expect(subtitlesOf(text, files)).toContainEqual(['a/fr', '/project/subs/french/a.vtt']);
  });

  it('may be missing for some, which is said, but not for all', () => {
    expect(problems(course, [...media, all[0] ?? ''])).toMatchInlineSnapshot(`
      "manifest.yaml:3:42: warning: no subtitles for a x fr, b x de [MISSING_TRACK]
        3 | defaults: { provider: globex, subtitles: "./subs/{lang}/{name}.vtt" }
          |                                          ^^^^^^^^^^^^^^^^^^^^^^^^^^

      1 warning"
    `);
    expect(problems(course, media)).toContain('3:42: no file matches "./subs/{lang}/{name}.vtt" (WebVTT files)');
    expect(mistakes(course.replace('.vtt', '.srt'))).toContain(
      '`subtitles` is "./subs/{lang}/{name}.srt", and subtitles are WebVTT',
    );
  });

  it('are looked at: a file that is not there is a mistake', () => {
    const text = `${head}defaults: { provider: globex }\nvideos:
  - { id: a, source: ./a.mp4, subtitles: ./gone.vtt, tracks: { de: ./de.mp3 } }
`;
    const gone = { 'gone.vtt': { error: { code: 'MEDIA_MISSING', message: 'gone' } } };
    expect(printed(plan(text, { media: gone }).issues, text)).toContain('5:42: ./gone.vtt is not there');
  });
});

describe('the sound of outputs', () => {
  const text = `${head}defaults: { provider: globex }\nvideos: [{ id: a, source: ./a.mp4, tracks: { pt-br: ./a.mp3 } }]\n`;

  it('is the provider’s unless the manifest says otherwise', () => {
    const finish = { audio: 'provider', title: 'a', language: 'pt-BR', subtitles: null };
    expect(plan(text).plan.jobs[0]?.finish).toEqual(finish);
    const track = text.replace('defaults:', 'output: { audio: track }\ndefaults:');
    expect(plan(track).plan.jobs[0]?.finish).toEqual({ ...finish, audio: 'track' });
  });
});

describe('delivery', () => {
  const text = `${head}defaults: { provider: globex }
output: { s3: { bucket: r, endpoint: "https://s3.example.com/", region: eu-1, prefix: /out/ } }
videos: [{ id: a, source: ./a.mp4, tracks: { de: ./a.mp3 } }]
`;

  it('is to the bucket of the manifest, and never of emulated outputs', () => {
    expect(plan(text).plan.delivery).toMatchObject({ bucket: 'r', endpoint: 'https://s3.example.com', prefix: 'out/' });
    expect(plan(text).plan.warnings).toEqual([]);
    const emulated = plan(text.replace('defaults:', 'emulate: true\ndefaults:')).plan;
    expect(emulated.warnings).toEqual(['emulated outputs are not delivered to `output.s3`']);
  });

  it('needs a whole bucket', () => {
    expect(mistakes(text.replace('bucket: r, ', ''))).toContain('`bucket` is missing in `s3`');
    expect(mistakes(text.replace('prefix', 'presign'))).toContain('`presign` is unknown in `s3` (did you mean');
  });
});

describe('a source with more lines than the route makes', () => {
  it('is said once for each size and route', () => {
    const text = `${head}defaults: { provider: globex, resolution: 720p }\nvideos:
  - { id: a, source: ./a.mp4, tracks: { de: ./de.mp3, fr: ./fr.mp3 } }
  - { id: b, source: ./b.mp4, tracks: { de: ./de.mp3 } }
  - { id: tall, source: ./tall.mp4, tracks: { de: ./de.mp3 } }
`;
    const sized = (width: number, height: number) => {
      return { facts: { ...factsFor('video'), video: { width, height, codec: 'avc' } } };
    };
    const sizes = { 'a.mp4': sized(1920, 1080), 'b.mp4': sized(1280, 720), 'tall.mp4': sized(1080, 1920) };
    expect(plan(text, { media: sizes }).plan.warnings).toEqual([
      '3 jobs: the source is 1080p and globex/dub makes 720p',
    ]);
  });
});

describe('two voices that cannot be mixed', () => {
  const text = (order: string, audio = 'track') => `${head}output: { audio: ${audio} }
videos:
  - { id: a, source: ./a.mp4, provider: globex/duet, tracks: { de: { left_audio: ./l.m4a, right_audio: ./r.wav, order: ${order} } } }
`;
  const voices = {
    'l.m4a': { facts: factsFor('audio', 10_000, 'm4a') },
    'r.wav': {
      facts: {
        ...factsFor('audio', 10_000, 'wav'),
        audio: { codec: 'pcm-s16', channels: 1, sampleRate: 44_100, decodable: true },
      },
    },
  };
  const same = { ...voices, 'r.wav': { facts: factsFor('audio', 10_000, 'wav') } };
  const said = (manifest: string, media: object = voices) =>
    plan(manifest, { media: media as never }).plan.warnings.filter((warning) => warning.includes('two sound tracks'));

  it('are said by name where the track’s own sound is wanted', () => {
    const warning =
      'the two voices of a/de become two sound tracks, of which players play only the first: ./l.m4a is aac, which cannot be mixed here';
    expect(said(text('meanwhile'))).toEqual([warning]);
    expect(said(text('left_right'))).toEqual([warning]);
    expect(said(text('meanwhile'), same)).toHaveLength(2);
  });

  it('are nothing to say where they follow one another in one codec, or the provider makes the sound', () => {
    expect(said(text('left_right'), same)).toEqual([]);
    expect(said(text('meanwhile', 'provider'))).toEqual([]);
  });
});
