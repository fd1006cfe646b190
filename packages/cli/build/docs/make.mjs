/** Writes the documents that are made from code: `npm run docs`, after a build. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { documents } from './documents.mjs';

const repository = fileURLToPath(new URL('../../../..', import.meta.url));
for (const [path, text] of documents(repository)) writeFileSync(join(repository, path), text);
