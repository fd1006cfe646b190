import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from '../src/store/open/open-store.js';
import { twinLook } from '../src/store/snapshot/taken-from.js';
import type { Store } from '../src/store/store.js';

let store: Store;

beforeEach(() => {
  store = openStore(join(mkdtempSync(join(tmpdir(), 'twins-')), 'state.db'));
});

afterEach(() => store.close());

test('a fingerprint is found at another job alike, whether one is asked for or all', () => {
  const fingerprints = ['a', 'b', 'a', null, 'c', null, 'd', 'e', 'f', 'g', 'h', 'd'];
  const insert = store.sqlite.prepare(
    `INSERT INTO jobs (id, batch_id, key, position, state, planned, fingerprint) VALUES (?, 1, ?, 1, 'pending', '{}', ?)`,
  );
  store.sqlite.pragma('foreign_keys = OFF');
  for (const [index, fingerprint] of fingerprints.entries()) insert.run(index + 1, `${index}/de`, fingerprint);
  for (const asked of [1, fingerprints.length]) {
    const hasTwin = twinLook(store, asked);
    const found = fingerprints.map((fingerprint, index) => fingerprint !== null && hasTwin(fingerprint, index + 1));
    expect(found).toEqual(fingerprints.map((each) => each === 'a' || each === 'd'));
  }
});
