import { describe, expect, it } from 'vitest';
import { nameFault } from '../../src/plan/file-kind.js';

const file = (path: string) => ({ kind: 'file', path }) as const;

describe('a file that is not what its name says', () => {
  it('is named with what it is and what would be right', () => {
    expect(nameFault(file('/a/keynote.de.mp3'), 'wav')).toEqual({
      message: 'is wav inside, whatever its name says',
      expected: 'the ending .wav, or a file that is mp3',
    });
    expect(nameFault(file('/a/mask.png'), 'jpeg')?.expected).toBe('the ending .jpg or .jpeg, or a file that is png');
  });

  it.each([
    ['/a/x.MP3', 'mp3'],
    ['/a/x.m4a', 'mp4'],
    ['/a/x.mp4', 'm4a'],
    ['/a/x.mov', 'mp4'],
    ['/a/x.bin', 'wav'],
    ['/a.mp3/x', 'wav'],
  ])('does not take %s with %s inside for one', (path, container) => {
    expect(nameFault(file(path), container)).toBeNull();
  });

  it('holds the path of a URL to the same, whatever its query says', () => {
    const url = (text: string) => ({ kind: 'url', url: text }) as const;
    expect(nameFault(url('https://x.example/a.mp3?as=.wav'), 'wav')?.message).toBe(
      'is wav inside, whatever its name says',
    );
    expect(nameFault(url('https://x.example/a.wav?as=.mp3#x.mp3'), 'wav')).toBeNull();
    expect(nameFault(url('https://x.example/voice?file=a.mp3'), 'wav')).toBeNull();
  });
});
