import { readLanguageTag } from '../../language/language-tag.js';
import { quote, scalar, wrongType } from './scalar.js';

const EXPECTED = 'a language tag such as de, pt-BR or es-419';

/** A BCP 47 tag with known subtags, kept as it was written. */
export function languageField() {
  return scalar<string>(EXPECTED, { type: 'string', examples: ['de', 'pt-BR', 'es-419'] }, (value) => {
    if (value === false)
      return { problem: 'is false, not Norwegian', expected: 'no in quotes: "no"', code: 'LANGUAGE' };
    if (typeof value !== 'string' || value === '') return wrongType(value, EXPECTED);
    const reading = readLanguageTag(value);
    if ('canonical' in reading) return { value };
    return { problem: `is ${quote(value)}, which ${reading.problem}`, expected: reading.expected, code: 'LANGUAGE' };
  });
}
