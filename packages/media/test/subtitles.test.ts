import { execFile } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finishVideo, probe, probeSubtitles, verifyVideo } from '../src/index.js';
import { box } from '../src/isobmff/boxes.js';
import { type Cue, parseVtt } from '../src/subtitles/parse-vtt.js';
import { timelineOf } from '../src/subtitles/timeline.js';
import { decodingErrors, extractSubtitles, hasFfmpeg, listTracks } from './ffmpeg.js';
import { demo, fixture, useFolder } from './media-files.js';
import { readTextTrack } from './text-track-reader.js';

const inFolder = useFolder();
const tags = { title: 'Begrüßung', languageCode: 'deu', languageTag: 'de-AT', trackName: 'de-AT' };

const VTT = `WEBVTT - made by hand

STYLE
::cue { color: red }

NOTE nothing of this is shown

00:00.500 --> 00:02.000
Hallo <b>Welt</b>

zwei
00:00:02.500 --> 00:00:04.000 align:start
<v Anna>über &amp; unter</v>
zwei Zeilen
`;

async function writeVtt(text: string, name = 'subs.vtt'): Promise<string> {
  await writeFile(inFolder(name), text);
  return inFolder(name);
}

type Sound = Parameters<typeof finishVideo>[0]['sound'];

async function attach(picture: string, vtt = VTT, sound: Sound = null): Promise<string> {
  const output = inFolder('out.mp4');
  await finishVideo({ picture, sound, tags, subtitles: await writeVtt(vtt), output });
  return output;
}

const shownIn = async (path: string) => readTextTrack(await readFile(path)).samples.filter(({ text }) => text !== '');

describe('subtitles in a file', () => {
  it('are counted', async () => {
    const facts = { cues: 2, endMs: 4000 };
    expect(await probeSubtitles(await writeVtt(VTT))).toEqual(facts);
    expect(await probeSubtitles(await writeVtt(`\ufeff${VTT.replaceAll('\n', '\r\n')}`))).toEqual(facts);
  });

  it.each([
    ['', 'is empty (0 bytes)'],
    ['1\n00:00:01,000 --> 00:00:02,000\nHi\n', 'is SubRip; make it WebVTT: ffmpeg -i in.srt out.vtt'],
    ['{}', 'is no WebVTT file'],
    ['WEBVTTX', 'is no WebVTT file'],
    ['WEBVTT\n\nnothing', 'has no subtitle in it'],
    ['WEBVTT\n\n00:05.000 --> 00:04.000\nHi\n', 'has a subtitle that ends before it begins (line 3)'],
    ['WEBVTT\n\n00:01.000 -> 00:02.000\nHi\n', 'has times that cannot be read in line 3'],
    ['WEBVTT\n\n00:01.000 -> 00:02.000 align:start\nHi\n', 'has times that cannot be read in line 3'],
    ['WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n\n0:03 --> 0:04\nHi\n', 'has times that cannot be read in line 6'],
  ])('are refused when they are %j', async (text, message) => {
    await expect(probeSubtitles(await writeVtt(text))).rejects.toThrow(message);
  });

  it.each([
    ...['→', '⟶', '–>', '—>', '=>', '- ->', '--', '--&gt;', ' ', '->', '- - >', '>'].map(
      (arrow) => `00:03.000 ${arrow} 00:04.000`,
    ),
    '00:00:03:12 --> 00:00:04:00',
    '00:00:03:12 - 00:00:04:00',
    '\u200f00:03.000 --> 00:04.000',
    '00:75.000 --> 01:16.000',
    '61:00.000 --> 61:01.000',
    '00:60:00.000 --> 00:60:01.000',
    '00:00:03,000 --> 00:00:04,000',
    '0:03 0:04',
    '00:03.000',
  ])('are refused when some begin with %j', async (times) => {
    const wrong = 'has times that cannot be read in line';
    const good = '00:01.000 --> 00:02.000\nHi\n';
    const refused = async (text: string, line: number) =>
      expect(probeSubtitles(await writeVtt(text))).rejects.toThrow(`${wrong} ${line}; write them as 0`);
    await refused(`WEBVTT\n\n${good}\n${times}\nHo\n`, 6);
    await refused(`WEBVTT\n\n${good}\nname\n${times}\nHo\n`, 7);
    await refused(`WEBVTT\n${times}\nHo\n\n${good}`, 2);
    await refused(`WEBVTT\n\n${good}NOTE x\n\n${times}\nHo\n`, 7);
  });

  it('are refused with the times as they should be', async () => {
    const vtt = await writeVtt('WEBVTT\n\n00:00:01,000 → 00:00:02,000 align:start\nHi\n');
    await expect(probeSubtitles(vtt)).rejects.toThrow('in line 3; write them as 00:00:01.000 --> 00:00:02.000');
    const glued = await writeVtt('WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n00:02.000 -> 00:03.000\nHo\n');
    await expect(probeSubtitles(glued)).rejects.toThrow('in line 5; write them as 00:02.000 --> 00:03.000');
  });

  it('are refused when they are not UTF-8, with the line', async () => {
    await writeFile(inFolder('latin.vtt'), Buffer.from('WEBVTT\n\n00:01.000 --> 00:02.000\nGröße\n', 'latin1'));
    await expect(probeSubtitles(inFolder('latin.vtt'))).rejects.toThrow('is not UTF-8 (line 4)');
    await writeFile(inFolder('wide.vtt'), Buffer.from('\ufeffWEBVTT\n', 'utf16le'));
    await expect(probeSubtitles(inFolder('wide.vtt'))).rejects.toThrow('iconv -f UTF-16 ');
    await writeFile(inFolder('wide.vtt'), Buffer.from('WEBVTT\n\nGröße', 'utf16le'));
    await expect(probeSubtitles(inFolder('wide.vtt'))).rejects.toThrow('iconv -f UTF-16LE ');
    await writeFile(inFolder('wide.vtt'), Buffer.from('WEBVTT\n\nplain', 'utf16le').swap16());
    await expect(probeSubtitles(inFolder('wide.vtt'))).rejects.toThrow('iconv -f UTF-16BE ');
  });

  it('may have arrows in their texts, names and notes', async () => {
    const head = 'WEBVTT - A --> B\n\nNOTE\nwas 00:01.000 -> 00:02.000\n\n1->2\n';
    const times = '10:00 -> 11:00\n12:00.5 -> 13:00.5\n12:30\nNOTE x\n';
    const arrows = `${head}00:01.000 --> 00:02.000\nA -> B\n5 -> 10\n${times}`;
    expect(await probeSubtitles(await writeVtt(arrows))).toEqual({ cues: 1, endMs: 2000 });
    const named =
      'WEBVTT\nKind: captions\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\n12:30\n00:01.000 --> 00:02.000\nJa\n';
    expect(await probeSubtitles(await writeVtt(named))).toEqual({ cues: 1, endMs: 2000 });
  });

  it.each([
    ['<v.loud Esme O’Neill>Ja</v>', 'Ja'],
    ['<c.red>rot</c> und <i>schräg', 'rot und schräg'],
    ['Eins <00:00:01.000>zwei', 'Eins zwei'],
    ['<ruby>漢<rt>kan</rt>字<rt>ji</rt></ruby>', '漢字'],
    ['a &lt; b &amp;&amp; c&nbsp;&#x1F600;&#8364;&unknown;', 'a < b && c\u00a0😀€&unknown;'],
    ['&#0;&#xD800;&#9999999;', '\ufffd\ufffd\ufffd'],
    ['- Wer?\n   - Ich.  ', '- Wer?\n- Ich.'],
    ['offen <b', 'offen'],
  ])('show %j as %j', (payload, text) => {
    expect(parseVtt(`WEBVTT\n\n00:01.000 --> 00:02.000\n${payload}\n`)).toEqual([{ startMs: 1000, endMs: 2000, text }]);
  });

  it('end where times begin that have no empty line before them, and are left out where they show nothing', () => {
    const cue = (times: string, text: string) => `${times}\n${text}\n`;
    const text = `WEBVTT\n\n${cue('00:01.000 --> 00:02.000', 'eins')}${cue('00:02.000-->00:03.000', 'zwei')}
${cue('00:04.000 --> 00:04.000', 'nie')}\n${cue('00:05.000 --> 00:06.000', '<c></c>')}`;
    expect(parseVtt(text).map((each) => each.text)).toEqual(['eins', 'zwei']);
  });
});

/** Cues of some hundred milliseconds, which often overlap, in less than two seconds. */
const anyCues = fc.array(
  fc
    .tuple(fc.nat(1000), fc.integer({ min: 1, max: 900 }), fc.constantFrom('eins', 'zwei\nund drei', '四 🎬', 'x'))
    .map(([startMs, length, text]): Cue => ({ startMs, endMs: startMs + length, text })),
  { minLength: 1, maxLength: 12 },
);

describe('a timeline of cues', () => {
  it('shows at each moment what the cues show, one text at a time', () => {
    fc.assert(
      fc.property(anyCues, fc.integer({ min: 1, max: 2000 }), (cues, endMs) => {
        const timeline = timelineOf(cues, endMs);
        for (const [index, { startMs, endMs: until }] of timeline.entries()) {
          expect(until).toBeGreaterThan(startMs);
          expect(startMs).toBeGreaterThanOrEqual(timeline[index - 1]?.endMs ?? 0);
        }
        const at = (among: readonly Cue[], ms: number) => among.filter((cue) => cue.startMs <= ms && ms < cue.endMs);
        const moments = cues.flatMap((cue) => [cue.startMs - 1, cue.startMs, cue.endMs - 1, cue.endMs, endMs]);
        for (const moment of moments) {
          const wanted = moment < endMs ? at(cues, moment) : [];
          const lines = new Set(wanted.map(({ text }) => text));
          const [shown, ...others] = at(timeline, moment);
          expect(others).toEqual([]);
          expect(new Set(splitIn(shown?.text, lines))).toEqual(lines);
        }
      }),
    );
  });

  /** Which of these texts stand in one under each other. */
  function splitIn(text: string | undefined, among: ReadonlySet<string>): string[] {
    return text === undefined ? [] : [...among].filter((each) => `\n${text}\n`.includes(`\n${each}\n`));
  }

  it('keeps cues that do not overlap as they are, also of one text', () => {
    const cues = [0, 1, 2].map((second) => ({ startMs: second * 1000, endMs: second * 1000 + 1000, text: '♪' }));
    expect(timelineOf(cues, 10_000)).toEqual(cues);
  });

  it('goes on with a text that rolls up, and says it once', () => {
    const cues = [
      { startMs: 0, endMs: 2000, text: 'eins' },
      { startMs: 1000, endMs: 3000, text: 'eins' },
      { startMs: 1500, endMs: 3000, text: 'zwei' },
    ];
    expect(timelineOf(cues, 10_000)).toEqual([
      { startMs: 0, endMs: 1500, text: 'eins' },
      { startMs: 1500, endMs: 3000, text: 'eins\nzwei' },
    ]);
  });
});

const SHOWN = [
  { startMs: 500, endMs: 2000, text: 'Hallo Welt' },
  { startMs: 2500, endMs: 4000, text: 'über & unter\nzwei Zeilen' },
];

describe('subtitles attached to a video', () => {
  it('are timed text of its language, with nothing shown between them, and its packets stay', async () => {
    const path = await attach(demo('welcome.mp4'));
    const { samples, ...about } = readTextTrack(await readFile(path));
    expect(about).toEqual({ handler: 'sbtl', entry: 'tx3g', language: 'deu' });
    expect(samples.map(({ text }) => text)).toEqual(['', SHOWN[0]?.text, '', SHOWN[1]?.text, '']);
    expect(samples.filter(({ text }) => text !== '')).toEqual(SHOWN);
    const before = await probe(demo('welcome.mp4'));
    expect(await verifyVideo(path)).toEqual({ ...before, bytes: expect.any(Number) });
    const content = await readFile(path);
    expect(content.indexOf('moov')).toBeLessThan(content.indexOf('mdat'));
  });

  it.each([
    ['a QuickTime file', 'quicktime.mov', null],
    ['a fragmented MP4', 'fragments.mp4', null],
    ['a WebM', 'vp9.webm', null],
    ['an MP4 with its index last', 'index-last.mp4', null],
    ['an MP4 that gets a dub', 'index-last.mp4', { audio: [demo('audio/de/welcome.mp3')], arrangement: 'single' }],
  ] as const)('end with the video, of %s too', async (_kind, picture, sound) => {
    const path = await attach(fixture(picture), VTT, sound);
    const lasts = (await verifyVideo(path)).durationMs;
    const expected = SHOWN.map((cue) => ({ ...cue, endMs: Math.min(cue.endMs, lasts) }));
    expect(await shownIn(path)).toEqual(expected.filter((cue) => cue.startMs < cue.endMs));
  });

  it('take the place of those that the video had', async () => {
    const first = inFolder('first.mp4');
    const options = { picture: fixture('two-sounds.mp4'), sound: null, tags };
    await finishVideo({ ...options, subtitles: await writeVtt(VTT), output: first });
    expect((await probe(first)).audio?.codec).toBe('aac');
    const second = await attach(first, 'WEBVTT\n\n00:00.000 --> 00:01.000\nNeu\n');
    expect(await shownIn(second)).toEqual([{ startMs: 0, endMs: 1000, text: 'Neu' }]);
    expect((await readFile(second)).toString('latin1').split('tx3g')).toHaveLength(2);
    await finishVideo({ ...options, picture: second, subtitles: null, output: first });
    expect((await readFile(first)).includes('tx3g')).toBe(false);
  });

  it('are refused where the video ends before them', async () => {
    const late = 'WEBVTT\n\n01:00.000 --> 01:01.000\nZu spät\n';
    await expect(attach(fixture('index-last.mp4'), late)).rejects.toThrow('its subtitles begin after the video ends');
    await expect(attach(fixture('vp9.webm'), late)).rejects.toThrow('its subtitles begin after the video ends');
  });

  it('lie in wide numbers, and the packets of a large file are copied piece by piece', async () => {
    const small = await readFile(fixture('index-last.mp4'));
    await writeFile(inFolder('large.mp4'), Buffer.concat([small, box('free', Buffer.alloc(3 * 2 ** 20, 7))]));
    const path = await attach(inFolder('large.mp4'));
    expect((await shownIn(path)).map(({ text }) => text)).toEqual(['Hallo Welt']);
    expect((await stat(path)).size).toBeGreaterThan(3 * 2 ** 20);
    await verifyVideo(path);
  });

  it('read back as the cues, whatever they are', async () => {
    await fc.assert(
      fc.asyncProperty(anyCues, fc.constantFrom('index-last.mp4', 'two-sounds.mp4'), async (cues, picture) => {
        expect(await shownIn(await attach(fixture(picture), vttOf(cues)))).toEqual(timelineOf(cues, 2000));
      }),
      { numRuns: 30 },
    );
  });

  it('are cut between two letters where a text is longer than a track can have', async () => {
    const path = await attach(fixture('index-last.mp4'), vttOf([{ startMs: 0, endMs: 900, text: 'ü'.repeat(40_000) }]));
    expect(await shownIn(path)).toEqual([{ startMs: 0, endMs: 900, text: 'ü'.repeat(32_767) }]);
  });
});

function vttOf(cues: readonly Cue[]): string {
  const time = (ms: number) => new Date(ms).toISOString().slice(11, 23);
  return `WEBVTT\n\n${cues.map(({ startMs, endMs, text }) => `${time(startMs)} --> ${time(endMs)}\n${text}\n`).join('\n')}`;
}

describe.skipIf(!hasFfmpeg())('subtitles as ffmpeg sees them', () => {
  it('are listed as such, with their language, and extracted with their times and texts', async () => {
    const path = await attach(demo('welcome.mp4'));
    const kinds = listTracks(path).map(({ codec_type, codec_name, tags: said }) => [
      codec_type,
      codec_name,
      said?.language,
    ]);
    expect(kinds).toEqual([
      ['video', 'h264', 'deu'],
      ['audio', 'aac', 'deu'],
      ['subtitle', 'mov_text', 'deu'],
    ]);
    expect(extractSubtitles(path).replaceAll('\r', '')).toBe(`1
00:00:00,500 --> 00:00:02,000
Hallo Welt

2
00:00:02,500 --> 00:00:04,000
über & unter
zwei Zeilen

`);
    expect(decodingErrors(path)).toBe('');
  });

  it('end where their last cue ends, in a video as ffmpeg writes it', async () => {
    const picture = inFolder('written.mp4');
    await promisify(execFile)('ffmpeg', ['-v', 'error', '-i', demo('welcome.mp4'), '-c', 'copy', picture]);
    const path = await attach(picture, vttOf([{ startMs: 1000, endMs: 2000, text: 'eins' }]));
    expect(extractSubtitles(path)).toContain('00:00:01,000 --> 00:00:02,000');
  });

  it('are those of the cues in 2000 of them', async () => {
    const cues = Array.from({ length: 2000 }, (_, at) => ({
      startMs: at * 2,
      endMs: at * 2 + 1 + (at % 2),
      text: `${at}`,
    }));
    const texts = extractSubtitles(await attach(demo('welcome.mp4'), vttOf(cues))).matchAll(
      /^(\d\d:\S+) --> (\S+)\n(.*)$/gm,
    );
    const time = (ms: number) => new Date(ms).toISOString().slice(11, 23).replace('.', ',');
    expect([...texts].map(([, ...cue]) => cue)).toEqual(
      cues.map(({ startMs, endMs, text }) => [time(startMs), time(endMs), text]),
    );
  });
});
