/**
 * Why no request can carry a key, in words that show nothing of it; `null` where one can. A header should be of ASCII
 * (RFC 9110, §5.5): what else comes along has been copied with the key, as a typographic dash or an invisible space.
 */
export function whyUnsendable(key: string): string | null {
  return /^[\t\x20-\x7e]*$/.test(key)
    ? null
    : 'holds a character beyond plain ASCII, which no request carries, so it is no key';
}

/** What mends it. */
export const COPY_ANEW = 'copy the key anew from the provider’s page';
