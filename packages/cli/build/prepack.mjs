/** Before `pnpm pack`: builds what is stale, as the launcher does, and makes the bundle of it. */
import { fileURLToPath } from 'node:url';
import { prepare } from '../../../scripts/prepare.mjs';

const repository = fileURLToPath(new URL('../../..', import.meta.url));
await prepare(repository, { say: (line) => process.stderr.write(`${line}\n`) });
await import('./bundle.mjs');
