import type { LimitSource, LimitSources } from '@localize/core';

/** Whose word the limits are, each source once. */
export function limitSourceWords(from: LimitSources): string {
  return [...new Set(Object.values(from))].map(sourceWords).join('; ');
}

function sourceWords(source: LimitSource): string {
  switch (source) {
    case 'default':
      return 'the provider’s own pages';
    case 'assumed':
      return 'assumed: no current page states them';
    case 'manifest':
      return 'limits of the manifest';
    case 'command':
      return 'set with localize limits';
    case 'own settings':
      return 'limits of your own settings';
    default:
      return source.startsWith('own ') ? `${source.slice(4)} of your own settings` : `${source} of the manifest`;
  }
}
