/**
 * Why something is no key, in words that show nothing of it; `null` where it may be one. A header should be of ASCII
 * (RFC 9110, §5.5): what else comes along has been copied with the key, as a typographic dash or an invisible space.
 * @param variable that it is in
 */
export function whyNoKey(variable: string, key: string): string | null {
  if (/\s/.test(key)) return 'is more than one word, so it is no key';
  if (!/^[\x21-\x7e]*$/.test(key))
    return 'holds a character beyond plain ASCII, which no request carries, so it is no key';
  // Such things stand in `.env`, where they mean the key; here they would be sent.
  if (/^["'`]|["'`]$/.test(key)) return 'is in quotes; it must be the key and nothing else';
  // Of a name with an underscore: a key may end with what looks like one, as in base64.
  const isLine = key.startsWith(`${variable}=`) || /^[A-Z][A-Z0-9]*_[A-Z0-9_]*=[^=]/.test(key);
  return isLine ? 'is a whole NAME=KEY line; it must be the key and nothing else' : null;
}

/** What mends it. */
export const COPY_ANEW = 'copy the key anew from the provider’s page';
