import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { catalogue, providers } from '../src/index.js';

const SOURCE = fileURLToPath(new URL('../src', import.meta.url));
const REQUIRED = ['failure.ts', 'index.ts', 'start.ts', 'status.ts', 'wire.ts'];
const OPTIONAL = ['cancel', 'cost', 'find', 'identify', 'quote', 'upload'] as const;

function sourceFiles(): string[] {
  const entries = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' });
  return entries.filter((entry) => entry.endsWith('.ts')).map((entry) => entry.replaceAll('\\', '/'));
}

describe.each([...providers.values()])('the folder of $id', (provider) => {
  const files = readdirSync(join(SOURCE, provider.id));

  it('has the same files as every other', () => {
    const optional = OPTIONAL.filter((verb) => provider[verb] !== undefined).map((verb) => `${verb}.ts`);
    expect(files.toSorted()).toEqual(['__fixtures__', ...REQUIRED, ...optional].toSorted());
  });

  it('has the bodies of its pages as fixtures that are JSON', () => {
    const fixtures = readdirSync(join(SOURCE, provider.id, '__fixtures__'));
    expect(fixtures.length).toBeGreaterThan(2);
    for (const name of fixtures) {
      expect(name).toMatch(/^[a-z-]+(-\d{3})?(-[a-z-]+)?\.json$/);
      JSON.parse(readFileSync(join(SOURCE, provider.id, '__fixtures__', name), 'utf8'));
    }
  });
});

describe('the package', () => {
  it('has an adapter for every provider of the catalogue, and a fact for every verb', () => {
    expect([...providers.keys()]).toEqual(catalogue.providers.map((facts) => facts.id));
    for (const facts of catalogue.providers) {
      const provider = providers.get(facts.id);
      expect(provider?.upload !== undefined).toBe(facts.upload !== null);
      expect(provider?.find !== undefined).toBe(facts.listingLagMs !== null);
    }
  });

  it('speaks HTTP in one folder alone', () => {
    for (const file of sourceFiles()) {
      const text = readFileSync(join(SOURCE, file), 'utf8');
      if (!file.startsWith('http/')) expect(text, file).not.toMatch(/from 'undici'|node:https?|\bfetch\(/);
    }
  });

  it('opens a key where the header is made, and nowhere else', () => {
    const opening = sourceFiles().filter((file) => readFileSync(join(SOURCE, file), 'utf8').includes('.reveal('));
    expect(opening.toSorted()).toEqual(['http/credentials.ts']);
  });

  it('sends creates from the start files alone', () => {
    const creating = sourceFiles().filter((file) => readFileSync(join(SOURCE, file), 'utf8').includes('sendCreate('));
    const starts = [...providers.keys()].map((id) => `${id}/start.ts`);
    expect(creating.toSorted()).toEqual(['http/send-json.ts', ...starts].toSorted());
  });

  it('reads no environment, and no provider knows another', () => {
    const ids = [...providers.keys()];
    for (const file of sourceFiles()) {
      const text = readFileSync(join(SOURCE, file), 'utf8');
      expect(text, file).not.toMatch(/process\.env|Math\.random/);
      const [folder] = file.split('/');
      for (const id of ids) {
        if (ids.includes(folder ?? '') && folder !== id) expect(text, file).not.toContain(`'../${id}/`);
      }
    }
  });
});
