import { LocalizeError, type Micros, parseUsd } from '@localize/core';

/**
 * An amount as an option has it.
 * @param rounding of what is less than a micro-dollar
 * @throws LocalizeError USAGE
 */
export function readUsd(option: string, text: string, rounding: 'up' | 'down'): Micros {
  try {
    return parseUsd(text, rounding);
  } catch (error) {
    const hint = /^\.\d+$/.test(text.trim()) ? { hint: `${option} 0${text.trim()}` } : {};
    throw new LocalizeError('USAGE', `${option} takes US dollars such as 25 or 0.50, not ${text}`, {
      cause: error,
      ...hint,
    });
  }
}
