/** As many as `fetch` follows, which says no more than that something failed where there are more. */
const MOST_REDIRECTS = 20;

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** A server has sent its caller on and on. */
export class RedirectLoop extends Error {}

/**
 * Fetches what a URL leads to, through redirects to other http(s) addresses.
 * @throws RedirectLoop; else as `fetch`
 */
export async function followRedirects(url: string | URL, init: RequestInit): Promise<Response> {
  let at = new URL(url);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const response = await fetch(at, { ...init, redirect: 'manual' });
    const location = REDIRECTS.has(response.status) ? response.headers.get('location') : null;
    if (location === null) return response;
    void response.body?.cancel().catch(() => {});
    at = new URL(location, at);
    if (!/^https?:$/.test(at.protocol)) throw new TypeError(`redirected to an address of ${at.protocol}`);
  }
  throw new RedirectLoop(`redirected more than ${MOST_REDIRECTS} times`);
}
