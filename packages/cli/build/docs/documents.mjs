import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandsPage } from './commands-page.mjs';
import { manifestReference } from './manifest-reference.mjs';
import { priceTable, providersPage } from './providers-page.mjs';
import { reportPage, reportSchema } from './report-page.mjs';

/** Every document that is made, wholly or in part, as the code has it now: text by path below the repository. */
export function documents(repository) {
  const readme = readFileSync(join(repository, 'README.md'), 'utf8');
  return new Map([
    ['docs/commands.md', commandsPage()],
    ['docs/manifest-reference.md', manifestReference()],
    ['docs/providers.md', providersPage()],
    ['docs/report.md', reportPage()],
    ['docs/report.schema.json', reportSchema()],
    ['README.md', withPart(readme, 'prices', priceTable())],
  ]);
}

/** Fills what stands between `<!-- name -->` and `<!-- /name -->`. */
function withPart(document, name, text) {
  const [before, rest] = document.split(`<!-- ${name} -->`);
  const after = rest?.split(`<!-- /${name} -->`)[1];
  if (after === undefined) throw new Error(`the document has no part <!-- ${name} -->`);
  return `${before}<!-- ${name} -->\n\n${text}\n\n<!-- /${name} -->${after}`;
}
