import { type LoadedBatch, type LoadOptions, loadBatch } from '../batch/load-batch.js';
import { findManifest, type ManifestPath } from '../batch/manifest-path.js';
import { type FoundUserConfig, readUserConfig } from '../config/read-user-config.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { wantsColor } from '../output/paint.js';
import { lookDisplay } from '../progress/look-display.js';
import type { Selection } from '../select/select-jobs.js';

/**
 * Loads the manifest that a command names, or has found, with the options that every command shares.
 * @param ownConfig `null`: without the user's own settings; by default they are read
 */
export async function openBatch(
  context: CommandContext,
  argument: string | ManifestPath | undefined,
  options: Omit<SharedOptions, keyof Selection> & Pick<LoadOptions, 'knownPlans'>,
  ownConfig?: FoundUserConfig | null,
): Promise<LoadedBatch> {
  const { variables } = context;
  const color = wantsColor(context, context.err, options.color);
  const manifest = typeof argument === 'object' ? argument : findManifest(context.cwd, argument);
  return loadBatch(manifest, {
    emulate: options.emulate ?? false,
    keepGoing: options.keepGoing ?? false,
    color,
    signal: context.interrupts.stop,
    cwd: context.cwd,
    state: options.state,
    allowHosts: options.allowHost ?? [],
    keyFlags: options,
    knownPlans: options.knownPlans,
    showLook: lookDisplay(context, options),
    variables,
    ownConfig: ownConfig === undefined ? readUserConfig(variables, { color }) : ownConfig,
  });
}
