import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const LAUNCH = fileURLToPath(new URL('../dist/launch/', import.meta.url));

describe('the bundled command', () => {
  it('has no character that would have V8 keep its text at two bytes each', () => {
    const files = readdirSync(LAUNCH, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.cjs'));
    expect(files).toContain('main.cjs');
    expect(files.filter((name) => /[^\0-\xff]/.test(readFileSync(`${LAUNCH}${name}`, 'utf8')))).toEqual([]);
  });
});
