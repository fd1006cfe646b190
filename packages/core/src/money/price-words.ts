import { formatUsd } from './money.js';
import type { PriceFormula } from './price.js';

/** A price formula for people: `$0.03 at 480p, $0.06 at 720p a second, at least 5 s`. */
export function priceWords(price: PriceFormula): string {
  switch (price.kind) {
    case 'unknown':
      return 'not published; set price: in the manifest';
    case 'per-job':
      return `$${formatUsd(price.micros)} a job`;
    case 'floor':
      return `from $${formatUsd(price.micros)} a job`;
    case 'per-frame': {
      const { aboveFrames, numerator, denominator } = price.surcharge;
      const more = `${numerator / denominator} times as much above ${aboveFrames} frames`;
      return `$${formatUsd(price.microsPerSecond)} for each ${price.framesPerSecond} frames, ${more}`;
    }
    case 'per-second': {
      const rates = Object.entries(price.microsPerSecond).map(([resolution, micros]) =>
        resolution === 'any' ? `$${formatUsd(micros)}` : `$${formatUsd(micros)} at ${resolution}`,
      );
      const least = [
        ...(price.minimumSeconds > 0 ? [`${price.minimumSeconds} s`] : []),
        ...(price.minimumMicros ? [`$${formatUsd(price.minimumMicros)} a job`] : []),
      ].join(' and ');
      return `${rates.join(', ')} a second${least === '' ? '' : `, at least ${least}`}`;
    }
  }
}
