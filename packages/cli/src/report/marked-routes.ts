import { nearestWord, plainText } from '@localize/core';
import { catalogue } from '@localize/providers';

/** Whether a mark names no route, or one that there is. */
export function isOfKnownRoute({ route }: { readonly route: string | null }): boolean {
  return route === null || catalogue.routes.some(({ id }) => id === route);
}

/** `names the route wavespeed/infinitalk, which is none; did you mean wavespeed/infinitetalk?` */
export function unknownRouteWords(route: string): string {
  const nearest = nearestWord(
    route,
    catalogue.routes.map(({ id }) => id),
  );
  const meant = nearest === null ? '' : `; did you mean ${nearest}?`;
  return `names the route ${plainText(route)}, which is none${meant}`;
}
