import { EXIT, type ExitCode } from '@localize/core';
import { catalogue } from '@localize/providers';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { createPaint, wantsColor } from '../output/paint.js';
import { providerFacts, routeFacts } from '../output/route-facts.js';

/** `localize routes`: what every route takes and costs, with where that is known from. */
export async function routes(context: CommandContext, options: SharedOptions): Promise<ExitCode> {
  if (options.json) {
    context.out.write(`${JSON.stringify(catalogue, null, 2)}\n`);
    return EXIT.ok;
  }
  const paint = createPaint(wantsColor(context, context.out, options.color));
  const blocks = catalogue.routes.map((route) => {
    const provider = catalogue.providers.find(({ id }) => id === route.provider);
    const facts = [...routeFacts(route), ...(provider ? providerFacts(provider) : [])];
    const lines = facts.map(([name, text]) => `  ${paint('dim', name.padEnd(12))}${text}`);
    return [`${paint('bold', route.id)}  ${route.title}`, ...lines].join('\n');
  });
  context.out.write(`${blocks.join('\n\n')}\n`);
  return EXIT.ok;
}
