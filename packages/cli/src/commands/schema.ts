import { EXIT, type ExitCode, manifestJsonSchema } from '@localize/core';
import { catalogue } from '@localize/providers';
import type { CommandContext } from '../definitions.js';

/** `localize schema`: the JSON Schema of the manifest, for editors. */
export async function schema(context: CommandContext): Promise<ExitCode> {
  context.out.write(`${JSON.stringify(manifestJsonSchema(catalogue), null, 2)}\n`);
  return EXIT.ok;
}
