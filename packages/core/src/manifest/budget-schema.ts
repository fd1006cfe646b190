import type { Catalogue } from '../provider/route.js';
import { percentField, usdField } from './fields/measure-fields.js';
import { mapping, named } from './schema-parts.js';

/** `budget:`: caps on everything, and the same caps by provider, language and label. */
export function budgetSchema(catalogue: Catalogue) {
  const providers = Object.fromEntries(
    catalogue.providers.map(({ id, title }) => [id, capsOf(`at ${title}`, `Caps on what is bought at ${title}.`)]),
  );
  return mapping('amounts such as { max_usd: 250, margin: 10% }', {
    ...capFields(''),
    margin: percentField()
      .describe(
        'Added to the estimate of every create when it leaves, since bills may be higher. What its provider states, and what is learned later of its price, counts as it is.',
      )
      .optional(),
    confirm_above_usd: usdField({ rounding: 'down' })
      .describe(
        'A run that would newly spend more than this, or an amount that nobody knows, asks first. Default: 10. Unknown amounts are not asked about where all providers are on loopback, where nobody sells.',
      )
      .optional(),
    providers: mapping('caps by provider, such as { fal: { max_usd: 40 } }', providers)
      .describe('Caps on what is bought at one provider.')
      .optional(),
    languages: named('caps by language, such as { de: { max_usd: 40 } }', capsOf('for it', 'Caps on one language.'))
      .describe('Caps on what one language costs.')
      .optional(),
    labels: named(
      'caps by label, such as { course: { onboarding: { max_usd: 40 } } }',
      named(
        'caps by value, such as { onboarding: { max_usd: 40 } }',
        capsOf('for it', 'Caps on one value of a label.'),
      ),
    )
      .describe('Caps on what the jobs with a label cost: its name, then its value.')
      .optional(),
  }).describe('Amounts that billed, in flight and at risk together must not pass.');
}

function capsOf(what: string, description: string) {
  return mapping('amounts such as { max_usd: 40, per_day_usd: 10 }', capFields(` ${what}`))
    .describe(description)
    .optional();
}

function capFields(what: string) {
  return {
    max_usd: usdField({ rounding: 'down' })
      .describe(`The most that the batch may cost${what}, in US dollars.`)
      .optional(),
    per_day_usd: usdField({ rounding: 'down' })
      .describe(`The most that all batches of the state may cost${what} in a calendar day.`)
      .optional(),
    per_month_usd: usdField({ rounding: 'down' })
      .describe(`The most that all batches of the state may cost${what} in a calendar month.`)
      .optional(),
  };
}
