import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import type { ExpandedManifest } from '../../src/index.js';
import { expand } from '../../testing/plan-from-text.js';

const manifest = 'version: 1\nbatch: b\nvideos:\n  - csv: ./rows.csv\n';

function rows(csv: string): ExpandedManifest {
  const { expanded, issues } = expand(manifest, { texts: { 'rows.csv': csv } });
  expect(issues).toEqual([]);
  return expanded;
}

function manyRows(count: number): string {
  const lines = Array.from(
    { length: count },
    (_, index) => `./media/${index}.mp4,de,./audio/${index}.mp3,31s,${index}`,
  );
  return `video,lang,audio,duration,seed\n${lines.join('\n')}\n`;
}

/** Bytes in use once all garbage is gone. */
function bytesInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  return getHeapStatistics().used_heap_size;
}

describe('a large CSV file', () => {
  it('takes little memory for each row until it is planned', () => {
    rows(manyRows(1_000));
    const csv = manyRows(20_000);
    const before = bytesInUse();
    const expanded = rows(csv);
    const bytes = (bytesInUse() - before) / expanded.videos.length;
    expect(expanded.videos).toHaveLength(20_000);
    // With all objects that it is made of, a row takes more than twice as much.
    expect(bytes).toBeLessThan(480);
  });

  it('tells where each of its cells stands, whatever its rows look like', () => {
    const { manifest: read, videos } = rows(
      '\ufeffvideo;lang;audio;prompt\r\n./a.mp4;de;./a.mp3;"Says ""hi"";\r\nand leaves"\r\n;;;\r\n' +
        '"./b.mp4"; fr;./b.mp3\r\n./a.mp4;es;./c.mp3;\r\n',
    );
    const placed = videos.flatMap(({ video, place, tracks }) => [
      [video.written, place],
      ...tracks.flatMap((track) => [
        [track.spelling, track.place] as const,
        ...(track.voices.kind === 'one' ? [[track.voices.audio.asset.written, track.voices.audio.asset.place]] : []),
      ]),
    ]) as [string, ExpandedManifest['videos'][number]['place']][];
    const spans = placed.map(([written, place]) => {
      const { file, line, column, length } = read.source.spanAt(place);
      return `${written} ${file}:${line}:${column}+${length}`;
    });
    expect(spans).toEqual([
      './a.mp4 rows.csv:2:1+7',
      'de rows.csv:2:9+2',
      './a.mp3 rows.csv:2:12+7',
      'es rows.csv:6:9+2',
      './c.mp3 rows.csv:6:12+7',
      './b.mp4 rows.csv:5:1+9',
      'fr rows.csv:5:12+2',
      './b.mp3 rows.csv:5:15+7',
    ]);
  });

  it('keeps all else of a row whose track gets subtitles', () => {
    const texts = { 'rows.csv': 'video,lang,audio,seed,subtitles\n./a.mp4,de,./a.mp3,7,./a.vtt\n' };
    const [video] = expand(manifest, { texts }).expanded.videos;
    expect(video?.tracks).toMatchObject([
      {
        language: 'de',
        spelling: 'de',
        settings: { seed: 7 },
        voices: { kind: 'one', audio: { asset: { written: './a.mp3' } } },
        subtitles: { source: { kind: 'file', path: '/project/a.vtt' } },
        place: { span: { file: 'rows.csv', line: 2, column: 9, length: 2 } },
      },
    ]);
  });
});
