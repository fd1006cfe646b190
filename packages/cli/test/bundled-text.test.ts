import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { launchFolder } from './support/launch-folder.js';

const LAUNCH = `${launchFolder()}/`;

/** Both take V8 longer than all the rest of a small command's start. */
const COSTLY = /^(?!.* => ).*(Intl\.Segmenter|RGI_Emoji)/m;

describe('the bundled command', () => {
  it('asks for no table of letters or emoji before a text needs it', () => {
    const files = readdirSync(LAUNCH, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.cjs'));
    const texts = files.map((name) => [name, readFileSync(`${LAUNCH}${name}`, 'utf8')] as const);
    expect(texts.filter(([, text]) => text.includes('Intl.Segmenter'))).not.toEqual([]);
    expect(texts.filter(([, text]) => COSTLY.test(text)).map(([name]) => name)).toEqual([]);
  });

  it.each(['run', 'status', 'plan', 'validate'])('loads no demuxer before %s comes to a media file', (command) => {
    const files = requiredBy(`chunks/${command}.cjs`);
    expect(files.size).toBeGreaterThan(3);
    const demuxes = (name: string) => readFileSync(`${LAUNCH}${name}`, 'utf8').includes('/node_modules/mediabunny/');
    expect(
      readdirSync(`${LAUNCH}chunks`)
        .map((name) => `chunks/${name}`)
        .some(demuxes),
    ).toBe(true);
    expect([...files].filter(demuxes)).toEqual([]);
  });

  it('has no character that would have V8 keep its text at two bytes each', () => {
    const files = readdirSync(LAUNCH, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.cjs'));
    expect(files).toContain('main.cjs');
    expect(files.filter((name) => /[^\0-\xff]/.test(readFileSync(`${LAUNCH}${name}`, 'utf8')))).toEqual([]);
  });

  it('leads from no file of a build to one of another, which a later build may have in its place', () => {
    const files = readdirSync(LAUNCH, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.cjs'));
    const required = files.flatMap((name) =>
      [...readFileSync(`${LAUNCH}${name}`, 'utf8').matchAll(/require\("(\.[^"]+)"\)/g)].map(([, to]) =>
        join(dirname(name), to ?? ''),
      ),
    );
    expect(required).toContain('chunks/run.cjs');
    expect(required.filter((name) => !files.includes(name))).toEqual([]);
  });
});

/** The chunks that come with one as soon as it is loaded. */
function requiredBy(chunk: string, found = new Set<string>()): Set<string> {
  if (found.has(chunk)) return found;
  found.add(chunk);
  const text = readFileSync(`${LAUNCH}${chunk}`, 'utf8');
  for (const [, name] of text.matchAll(/^const \w+(?:\$\d+)? = require\("\.\/([^"]+)"\)/gm)) {
    requiredBy(`chunks/${name}`, found);
  }
  return found;
}
