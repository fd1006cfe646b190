import type { Json, JsonObject, StartRequest } from '@localize/core';

/** The members that have a value: what the manifest leaves out is not sent, so that the provider's default holds. */
export function presentFields(fields: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, Json] => entry[1] !== undefined && entry[1] !== null),
  );
}

/** Fields that most routes name alike; each is sent only when the route lists it. */
export function commonFields({ route, media, input }: StartRequest) {
  return {
    prompt: input.prompt,
    seed: route.seed === null ? null : input.seed,
    resolution: route.resolutions === null ? null : input.resolution,
    mask_image: route.mask ? media.mask : null,
  };
}

/** Route-only options that the route lists. */
export function listedOptions({ route, input }: StartRequest): JsonObject {
  return Object.fromEntries(Object.entries(input.options).filter(([name]) => Object.hasOwn(route.options, name)));
}
