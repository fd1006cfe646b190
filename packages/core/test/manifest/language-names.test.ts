import { describe, expect, it } from 'vitest';
import type { ExpandedTrack } from '../../src/index.js';
import { expand, type FakeDisk, mistakes, printed } from '../../testing/plan-from-text.js';

const from = `version: 1
batch: b
videos:
  - from: ./course/*.mp4
    tracks: ./audio/{lang}/{name}.mp3
`;

function problems(text: string, disk: FakeDisk): string {
  const { issues, warnings, texts } = expand(text, disk);
  return printed([...issues, ...warnings], text, texts);
}

function written({ voices }: ExpandedTrack): string {
  return (voices.kind === 'one' ? voices.audio : voices.left).asset.written;
}

describe('language_names', () => {
  const files = ['course/a.mp4', 'audio/German/a.mp3', 'audio/PTBR/a.mp3', 'audio/ja/a.mp3'];
  const names = (text: string) => from.replace('videos:', `${text}\nvideos:`);

  it('finds the language of folders that are not named by tags, however they are cased', () => {
    const { expanded } = expand(names('language_names: { german: de, ptbr: pt-BR }'), { files });
    const tracks = expanded.videos[0]?.tracks.map((track) => [track.language, track.spelling, written(track)]);
    expect(tracks).toEqual([
      ['de', 'de', 'audio/German/a.mp3'],
      ['ja', 'ja', 'audio/ja/a.mp3'],
      ['pt-BR', 'pt-BR', 'audio/PTBR/a.mp3'],
    ]);
  });

  it('holds before a tag of the same letters', () => {
    const disk = { files: ['course/a.mp4', 'audio/pt/a.mp3'] };
    expect(expand(names('language_names: { pt: pt-BR }'), disk).expanded.videos[0]?.tracks[0]?.language).toBe('pt-BR');
  });

  it('holds in the lang column of a CSV file', () => {
    const text = 'version: 1\nbatch: b\nlanguage_names: { German: de }\nvideos: [{ csv: ./rows.csv }]\n';
    const { expanded } = expand(text, { texts: { 'rows.csv': 'video,lang,audio\nb.mp4,German,b.mp3\n' } });
    expect(expanded.videos[0]?.tracks[0]).toMatchObject({ language: 'de', spelling: 'de' });
  });

  it('names the tag where one of them stands as a key, which is a tag always', () => {
    const text = names('language_names: { Deutsch_final: de }').replace(
      './audio/{lang}/{name}.mp3',
      '{ deutsch_final: ./x.mp3 }',
    );
    expect(mistakes(text)).toContain(
      '"deutsch_final" is one of `language_names`, which names of files and CSV columns may have; a key is a tag (de)',
    );
    const capped = `${names('language_names: { Deutsch_final: de }')}budget: { languages: { Deutsch_final: 5 } }\n`;
    expect(mistakes(capped)).toContain('"Deutsch_final" is one of `language_names`');
  });

  it('says when two folders are one language, a tag is none, or two names differ only in case', () => {
    expect(
      problems(names('language_names: { German: de }'), { files: [...files.slice(0, 2), 'audio/de/a.mp3'] }),
    ).toContain('two files claim a/de: audio/German/a.mp3 and audio/de/a.mp3');
    const wrong = mistakes(names('language_names: { German: deutsch, german: de }'));
    expect(wrong).toContain('manifest.yaml:3:27: `German` is "deutsch", which has an unknown language, deutsch (de)');
    expect(wrong).toContain('manifest.yaml:3:36: "german" and "German" are one name, since cases are not told apart');
  });
});

describe('a language tag that is a country’s code too', () => {
  it('is taken as the language that it is, and said once', () => {
    const two = ['a', 'b'].map(
      (id) => `  - { id: ${id}, source: ./${id}.mp4, tracks: { KR: ./x.mp3, sv: ./y.mp3 } }\n`,
    );
    const { expanded } = expand(`version: 1\nbatch: b\nvideos:\n${two.join('')}`);
    expect(expanded.videos.map(({ tracks }) => tracks.map(({ language }) => language))).toEqual([
      ['kr', 'sv'],
      ['kr', 'sv'],
    ]);
    expect(expanded.warnings.map(({ message, expected }) => `${message} (${expected})`)).toEqual([
      '"KR" is Kanuri (ko if the country is meant)',
    ]);
  });
});
