import type { ProviderFacts } from '@localize/core';

/** What `.env` beside the manifest needs. */
export function envExample(providers: readonly ProviderFacts[]): string {
  const lines = providers.map(({ title, keyVariable }) => `# ${title}\n${keyVariable}=\n`);
  return `# Copy this file to .env, fill in the keys, and keep .env out of version control.\n\n${lines.join('\n')}`;
}
