import { secret } from '@localize/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor, redactSent, redactUrl } from '../src/http/redact.js';

const redactorFor = (key: string) => createRedactor({ hosts: {}, auth: 'key', key: secret(key) });

describe('redaction', () => {
  it('leaves no spelling of the key in any text', () => {
    const key = fc.string({ unit: fc.constantFrom(...'abcXYZ0123456789:+/=-_.'), minLength: 8, maxLength: 60 });
    const spelling = fc.constantFrom(
      (text: string) => text,
      encodeURIComponent,
      (text: string) => Buffer.from(text).toString('base64'),
      (text: string) => JSON.stringify({ authorization: `Key ${text}` }),
    );
    fc.assert(
      fc.property(key, spelling, fc.string(), fc.string(), (value, spell, before, after) => {
        const clean = redactorFor(value)(`${before} ${spell(value)} ${after}`, 10_000);
        // The mark itself and what surrounds it may hold a very plain key by chance, never a realistic one.
        if (!`${before} ${after}`.includes(value)) expect(clean).not.toContain(value);
      }),
    );
  });

  it('strikes out both halves of a fal key', () => {
    const clean = redactorFor('id-12345678:secret-12345678')('id-12345678 and secret-12345678');
    expect(clean).toBe('[secret] and [secret]');
  });

  it('strikes out signatures behind an escaped ampersand', () => {
    const redact = redactorFor('0123456789');
    expect(redact('{"url":"https://b/x?a=1\\u0026X-Amz-Signature=deadbeef"}')).not.toContain('deadbeef');
    expect(redact('https:\\/\\/b\\/x?sig=deadbeef')).not.toContain('deadbeef');
  });

  it('strikes out what looks like a key of somebody else, and leaves words', () => {
    const redact = redactorFor('0123456789');
    expect(
      redact('worker used sk-live-abcdefgh1234567890abcdef, sk_test_51Habcdefghijklmn and Bearer abc.def.ghi'),
    ).toBe('worker used sk-live-[redacted], sk_test_[redacted] and Bearer [redacted]');
    const words = 'the ring bearer of bad news; no task-oriented-language-model-2; sk-introduction-to-the-course';
    expect(redact(words)).toBe(words);
  });

  it('makes one line of anything', () => {
    expect(redactorFor('0123456789')('a\r\nb\u001b[31mc\u202ed')).toBe('a b [31mcd');
  });

  it('drops the whole query of an address that is not ours', () => {
    const redact = redactorFor('0123456789');
    const url = new URL('https://b.example/x.mp4?opaque=deadbeef');
    expect(redactUrl(url, false, redact)).toBe('https://b.example/x.mp4?[redacted]');
    expect(redactUrl(new URL('https://api.example/list?limit=100'), true, redact)).toBe(
      'https://api.example/list?limit=100',
    );
  });

  it('keeps what was asked for, and of the media in it no query and no login', () => {
    const redact = redactorFor('0123456789');
    const body = {
      prompt: 'Why? Because',
      seed: 7,
      video: 'https://me:pass@b.example/a%20b.mp4?opaque=deadbeef&x=1#t',
    };
    expect(redactSent(JSON.stringify(body), redact, 1_000)).toBe(
      '{"prompt":"Why? Because","seed":7,"video":"https://[redacted]@b.example/a%20b.mp4?[redacted]#t"}',
    );
    expect(redactSent('"https:\\/\\/b.example\\/x?h=deadbeef"', redact, 1_000)).toBe(
      '"https://b.example/x?[redacted]"',
    );
  });
});
