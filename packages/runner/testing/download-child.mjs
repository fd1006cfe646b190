/** One download in a process of its own, that a test may kill: `download-child.mjs URL PATH`. Prints how much has come. */
import { fetchToFile } from '../dist/http/fetch-to-file.js';

const [url, path] = process.argv.slice(2);
await fetchToFile(url, path, {
  signal: new AbortController().signal,
  onProgress: (bytes) => process.stdout.write(`${bytes}\n`),
  onExchange: () => undefined,
});
