import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setFlagsFromString } from 'node:v8';

/** What the HTTP client tells before its first connection, and when it has made it and has its parser. */
const BEFORE = 'undici:client:beforeConnect';
const AFTER = 'undici:client:connected';

/** Without these, what is made of WebAssembly is compiled as a whole at once, and never again. */
const FLAGS = ['wasm-tier-up', 'wasm-dynamic-tiering', 'wasm-lazy-compilation'];

/**
 * The HTTP client's parser is one large function of WebAssembly. To compile it a second time, for speed, took V8 a tenth of
 * a second and 29 MB, the highest peak of a small run, and gave nothing that could be measured in 2,000 jobs. Sound is
 * decoded and encoded by WebAssembly too, where it does matter: what is made before or after that parser is left as it is.
 * For a process whose command is a run alone. Later versions of V8 have other flags, and complain of those that they do
 * not know.
 */
export function compileParserOnce(): void {
  if (!process.versions.v8.startsWith('11.3.')) return;
  const before = () => setFlags('--no-');
  const after = () => {
    setFlags('--');
    unsubscribe(BEFORE, before);
    unsubscribe(AFTER, after);
  };
  subscribe(BEFORE, before);
  subscribe(AFTER, after);
}

function setFlags(prefix: '--' | '--no-'): void {
  for (const flag of FLAGS) setFlagsFromString(`${prefix}${flag}`);
}
