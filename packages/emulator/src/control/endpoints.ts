/** Where each provider's API begins. A client appends the same paths as to the provider's own hosts. */
export interface Endpoints {
  /** For `https://api.vibedream.ai/api/v1`. */
  vibedream: { baseUrl: string };
  /** For `https://api.eachlabs.ai/v1`. */
  eachlabs: { baseUrl: string };
  /** For `https://api.wavespeed.ai/api/v3`; the official client wants it without `/api/v3`. */
  wavespeed: { baseUrl: string };
  /** For `https://queue.fal.run`, `https://rest.fal.ai` and `https://api.fal.ai/v1`. */
  fal: { baseUrl: string; uploadUrl: string; platformUrl: string };
}

/** Where each provider is found on an emulator. @param origin without a slash at its end */
export function endpointsAt(origin: string): Endpoints {
  return {
    vibedream: { baseUrl: `${origin}/vibedream/api/v1` },
    eachlabs: { baseUrl: `${origin}/eachlabs/v1` },
    wavespeed: { baseUrl: `${origin}/wavespeed/api/v3` },
    fal: {
      baseUrl: `${origin}/fal/queue`,
      uploadUrl: `${origin}/fal/rest`,
      platformUrl: `${origin}/fal/platform/v1`,
    },
  };
}
