import { describe, expect, it } from 'vitest';
import { plainText } from '../../src/index.js';
import { maskSecrets } from '../../src/text/mask-secrets.js';

const QUERY =
  'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA1%2Feu-1&X-Amz-Date=20260101T000000Z&X-Amz-Expires=86400' +
  '&X-Amz-Security-Token=tokentoken&X-Amz-SignedHeaders=host&X-Amz-Signature=deadbeef';
const URL = `https://s3.example.com/b/in/a.mp4?${QUERY}`;

describe('text from elsewhere', () => {
  it.each([
    ['as it is', URL],
    ['in JSON that escapes &', URL.replaceAll('&', '\\u0026')],
    ['in HTML', URL.replaceAll('&', '&amp;')],
    ['in a query of another URL', `https://x.example/?u=${encodeURIComponent(URL)}`],
  ])('loses what a presigned URL signs with: %s', (_how, text) => {
    for (const clean of [plainText(`cannot read "${text}"`, 2000), maskSecrets(text)]) {
      expect(clean).not.toMatch(/AKIA1|tokentoken|deadbeef/);
      expect(clean).toContain('s3.example.com');
    }
  });

  it('keeps a query that signs nothing', () => {
    expect(plainText('GET https://x.example/a?page=2&size=10')).toBe('GET https://x.example/a?page=2&size=10');
  });
});
