import { describe, expect, it } from 'vitest';
import { expand, printed } from '../../testing/plan-from-text.js';

const DISK = {
  files: ['a/talk.mp4', 'a/intro.mp4', 'b/talk.mp4', 'audio/de/talk.mp3', 'audio/de/intro.mp3', 'other.mp4'],
};

/** A batch of every match and one item. */
function textOf(pattern: string, item: string): string {
  return `version: 1
batch: b
videos:
  - from: ${pattern}
    tracks: ./audio/{lang}/{name}.mp3
  - { ${item} }
`;
}

/** What is told of it. */
function told(pattern: string, item: string): string {
  const text = textOf(pattern, item);
  const { issues, warnings } = expand(text, DISK);
  return printed([...issues, ...warnings], text);
}

describe('an item that has the id of one match and the source of another', () => {
  it.each(['', ', tracks: { de: ./audio/de/talk.mp3 }'])('says which video will not be made (%j)', (tracks) => {
    const problems = told('./a/*.mp4', `id: intro, source: ./a/talk.mp4${tracks}`);
    expect(problems).toContain(
      'intro takes the places of a/intro.mp4 and a/talk.mp4: no video will be made of a/intro.mp4',
    );
    expect(problems).toContain('an item of its own with its source and an id for each');
  });

  it('says whose audio it has without its picture', () => {
    const files = ['a/talk.mp4', 'a/intro.mp4', 'audio/de/talk.mp3', 'audio/fr/intro.mp3'];
    const { warnings } = expand(textOf('./a/*.mp4', 'id: intro, source: ./a/talk.mp4'), { files });
    expect(warnings.map(({ message }) => message)).toEqual([
      'intro takes the places of a/intro.mp4 and a/talk.mp4: no video will be made of a/intro.mp4, and intro/fr joins its audio to the picture of ./a/talk.mp4',
    ]);
  });
});

describe('an item that has the id of two matches', () => {
  const tracks = 'tracks: { de: ./audio/de/talk.mp3 }';

  it('says which of them will not be made', () => {
    expect(told('./*/talk.mp4', `id: talk, source: ./a/talk.mp4, ${tracks}`)).toContain(
      'talk takes the places of a/talk.mp4 and b/talk.mp4: no video will be made of b/talk.mp4',
    );
    expect(told('./*/talk.mp4', `id: talk, source: ./other.mp4, ${tracks}`)).toContain(
      'no video will be made of a/talk.mp4 and b/talk.mp4',
    );
  });

  it('is no matter of one that takes the place of one match alone', () => {
    expect(told('./a/*.mp4', `id: talk, source: ./other.mp4, ${tracks}`)).toBe('no mistakes');
    expect(told('./a/*.mp4', `id: talk, source: ./a/talk.mp4`)).toBe('no mistakes');
  });
});
