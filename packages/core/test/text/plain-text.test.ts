import { describe, expect, it } from 'vitest';
import { formatIssue, plainText } from '../../src/index.js';
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

  it('is cut where it is of many megabytes, and still loses what it signs with', () => {
    expect(plainText(`${URL}${'x'.repeat(30_000_000)}`)).not.toContain('deadbeef');
    const issue = { code: 'VALUE', severity: 'error', file: 'm', line: 1, length: 9, message: 'wrong' } as const;
    for (const text of [
      'a, '.repeat(10_000_000),
      'x'.repeat(30_000_000),
      `https://x.test/?key=${'0a'.repeat(15_000_000)}`,
    ]) {
      const shown = formatIssue({ ...issue, column: 15_000_000 }, text, { color: false });
      expect(shown.split('\n')).toHaveLength(3);
      expect(shown).not.toContain('0a0a0a');
    }
  });

  it.each([
    ['cannot read https://bob:hunter2pw@cdn.example/a.mp4', 'cannot read https://[redacted]@cdn.example/a.mp4'],
    ['s3://key:se@cret@host/x', 's3://[redacted]@host/x'],
    ['Authorization: Bearer sk-live-abcdef123456, retry', 'Authorization: Bearer [redacted], retry'],
    ['{"authorization":"Key fal-words-only"}', '{"authorization":"Key [redacted]"}'],
    ['sent bearer sk-live-abcdef123456', 'sent bearer [redacted]'],
    ['Basic dXNlcjpwYXNzd29yZA==', 'Basic [redacted]'],
  ])('loses who got in, and with what: %s', (text, clean) => {
    expect(plainText(text)).toBe(clean);
  });

  it('keeps words and addresses that let nobody in', () => {
    for (const text of [
      'the bearer authentication failed; basic understanding of it',
      'ask help@example.com at https://example.com/@ana or http://[::1]:80/a@b',
    ]) {
      expect(plainText(text)).toBe(text);
    }
  });

  it('keeps a query that signs nothing', () => {
    expect(plainText('GET https://x.example/a?page=2&size=10')).toBe('GET https://x.example/a?page=2&size=10');
  });
});

it.each([
  ['    api_key: abc123secretsecret', '    api_key: ******************'],
  ['  fal: { "apiKey": "short", x: 1 }', '  fal: { "apiKey": "*****", x: 1 }'],
  ['password = hunter2', 'password = *******'],
  ['url: https://hooks.slack.com/services/T0/B0/X }', 'url: https://hooks.slack.com/**************** }'],
  ['url: "https://discord.com/api/webhooks/1/ab"', 'url: "https://discord.com/*****************"'],
  ['source: https://cdn.example.com/a/b.mp4', 'source: https://cdn.example.com/a/b.mp4'],
  ['source: https://cdn.example.com/captain-hook.mp4', 'source: https://cdn.example.com/captain-hook.mp4'],
  ['source: https://ana:pass@example.com/b.mp4', 'source: https://********@example.com/b.mp4'],
  ['keys: [EACHLABS_API_KEY, FAL_KEY]', 'keys: [EACHLABS_API_KEY, FAL_KEY]'],
  ['EACHLABS_API_KEY: { file: ~/.secrets/key }', 'EACHLABS_API_KEY: { file: ~/.secrets/key }'],
])('hides the value of %j', (line, shown) => {
  expect(maskSecrets(line)).toBe(shown);
});
