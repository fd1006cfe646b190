import { RESERVED } from '../../text/safe-file-name.js';
import { quote, type Reading, scalar, wrongType } from './scalar.js';

/**
 * Characters that nobody sees: two names that look alike would be two, and some turn the text around them. Joiners belong
 * to the scripts of some languages, and to none that is written in Latin letters.
 */
const INVISIBLE =
  /[\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0]|(?<![\u0250-\uffff])[\u200c\u200d]/;

/** A name that becomes part of job keys and of file names on every system: batch and video ids. */
export function nameField(expected: string) {
  return scalar<string>(expected, { type: 'string', pattern: '^[^/\\\\<>:"|?*]+$' }, (value) =>
    readName(value, expected),
  );
}

export function readName(value: unknown, expected: string): Reading<string> {
  if (typeof value === 'number') return wrongType(value, `put it in quotes: "${value}"`);
  if (typeof value !== 'string' || value.trim() === '') return wrongType(value, expected);
  const fault = nameFault(value);
  return fault === null ? { value } : { problem: `is ${quote(value)}, ${fault}`, expected };
}

/** Why a text is no name; `null` when it is one. */
export function nameFault(name: string): string | null {
  const character = /[/\\<>:"|?*]/.exec(name)?.[0];
  if (character !== undefined) return `and ${character} is not allowed in it`;
  if (/\p{Cc}/u.test(name)) return 'and control characters are not allowed in it';
  const invisible = INVISIBLE.exec(name)?.[0]?.codePointAt(0);
  if (invisible !== undefined) {
    return `with the invisible character U+${invisible.toString(16).toUpperCase().padStart(4, '0')} in it`;
  }
  if (/^[\s.-]|[\s.]$/.test(name)) return 'which starts or ends with a dot, a dash or a space';
  if (RESERVED.test(name)) return 'a name that Windows keeps for itself';
  if (name.length > 120) return 'which is longer than 120 characters';
  return null;
}

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The name of an environment variable, never a secret itself. */
export function variableField(example: string) {
  const expected = `the name of an environment variable, such as ${example}`;
  return scalar<string>(expected, { type: 'string', pattern: VARIABLE.source, examples: [example] }, (value) => {
    if (typeof value !== 'string' || value.trim() === '') return wrongType(value, expected);
    if (looksLikeSecret(value)) {
      return {
        problem: 'looks like a key itself',
        expected: `put the key into the environment or into .env, and write ${expected}`,
        code: 'SECRET',
      };
    }
    if (!VARIABLE.test(value)) return { problem: `is ${quote(value)}`, expected: variableHint(value) ?? expected };
    return { value };
  });
}

function variableHint(text: string): string | null {
  const bare = text.replace(/^\$\{?|\}$/g, '');
  return VARIABLE.test(bare) ? bare : null;
}

/** Shorter keys: letters and digits in turns, or digits and signs that no variable's name has. */
function isJumbled(text: string): boolean {
  if (!/^[A-Za-z0-9.:+/=~-]+$/.test(text) || !/[a-z]/i.test(text)) return false;
  const turns = text.match(/[A-Za-z](?=\d)|\d(?=[A-Za-z])/g)?.length ?? 0;
  const isName = VARIABLE.test(text) || /^[A-Z-]+\d{0,2}$/.test(text);
  return turns >= 3 || (/\d/.test(text) && !isName);
}

/** Names are words in capitals; keys are long, mix cases and digits, or have a known start. */
export function looksLikeSecret(text: string): boolean {
  const bare = text.replace(/^\$\{?|\}$/g, '');
  if (/^[A-Z_][A-Z0-9_]*$/.test(bare))
    return bare.length > 64 || (!bare.includes('_') && /\d/.test(bare) && bare.length > 24);
  if (/^(sk|pk|key|wsk|fal|Bearer|Key)[-_ :]\S{12,}$/.test(bare)) return true;
  if (bare.length >= 8 && bare.length < 20) return isJumbled(bare);
  if (bare.length < 20 || /^[A-Za-z]+(_[A-Za-z]+)+(_?\d{1,3})?$/.test(bare)) return false;
  return /\d/.test(bare) && /[a-z]/i.test(bare) && /^[A-Za-z0-9_.:+/=~ -]+$/.test(bare);
}
