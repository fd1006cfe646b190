import { describe, expect, it } from 'vitest';
import { suggestLanguage } from '../../src/language/language-slips.js';
import { expand, mistakes, printed, problems } from '../../testing/plan-from-text.js';

const NAMES = ['constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf'];
const head = 'version: 1\nbatch: b\ndefaults: { provider: globex }\n';
const VIDEO = 'videos:\n  - { id: a, source: ./a.mp4, tracks: { de: ./de.mp3 } }\n';

/** Names that every object of the language has. */
describe.each(NAMES)('the name %s', (name) => {
  it('is a key, a column and a language as unknown as any other', () => {
    expect(mistakes(`${head}${name}: 3\n${VIDEO}`)).toContain(`\`${name}\` is unknown`);
    const csv = 'rows.csv';
    const texts = { [csv]: `video,lang,audio,${name}\n./a.mp4,de,./de.mp3,x\n` };
    const text = `${head}videos:\n  - csv: ./${csv}\n`;
    const { issues } = expand(text, { texts });
    expect(printed(issues, text)).toMatch(
      new RegExp(`the column "${name}" is unknown \\((video, |did you mean [a-z_]+\\?)`),
    );
    expect(suggestLanguage(name) ?? '').not.toContain('function');
  });

  it('is the ending of a file that promises nothing', () => {
    const text = `${head}${VIDEO.replace('de.mp3', `de.${name}`)}`;
    expect(problems(text)).toBe('no mistakes');
  });
});
