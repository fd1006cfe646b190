/** The providers that the emulator speaks for. */
export const PROVIDER_NAMES = ['vibedream', 'eachlabs', 'wavespeed', 'fal'] as const;

export type ProviderName = (typeof PROVIDER_NAMES)[number];

/** The routes that can be bought, as the project names them. */
export type RouteName =
  | 'vibedream/infinitetalk-fast'
  | 'eachlabs/infinitalk'
  | 'wavespeed/infinitetalk'
  | 'wavespeed/infinitetalk-fast-multi'
  | 'fal/infinitalk';
