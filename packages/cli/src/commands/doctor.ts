import { EXIT, type ExitCode, LocalizeError } from '@localize/core';
import type { LoadedBatch } from '../batch/load-batch.js';
import { type FoundUserConfig, readUserConfig } from '../config/read-user-config.js';
import type { CommandContext, SharedOptions } from '../definitions.js';
import { checkMachine } from '../doctor/check-machine.js';
import { examineBatch } from '../doctor/examine.js';
import { type Finding, fail, warn } from '../doctor/finding.js';
import { ManifestInvalid } from '../errors/manifest-invalid.js';
import { createPaint, wantsColor } from '../output/paint.js';
import { openBatch } from './open-batch.js';

/**
 * `localize doctor`: what a run would need, each line with how to mend it. Each key goes to its own provider and
 * nowhere else; nothing is written and nothing bought.
 */
export async function doctor(
  context: CommandContext,
  manifest: string | undefined,
  options: SharedOptions,
): Promise<ExitCode> {
  const own = readOwnSettings(context);
  const { stop } = context.interrupts;
  const machine = checkMachine();
  const findings = [...machine, ...own.findings];
  // Nothing of a batch can be told without the database of its state.
  if (machine.every(({ level }) => level !== 'fail')) {
    const opened = await openForLook(context, manifest, { ...options, ownConfig: own.config });
    findings.push(...('level' in opened ? [opened] : await examineBatch(opened, stop)));
  }
  show(context, findings, options);
  return findings.some(({ level }) => level === 'fail') ? EXIT.someFailed : EXIT.ok;
}

/** All else is worth a look also where the user's own settings are broken. */
function readOwnSettings({ variables }: CommandContext): { config: FoundUserConfig | null; findings: Finding[] } {
  try {
    return { config: readUserConfig(variables, { color: false }), findings: [] };
  } catch (error) {
    if (!(error instanceof LocalizeError)) throw error;
    const mend = error.hint ?? 'localize validate shows each mistake; what follows is without these settings';
    return { config: null, findings: [fail('own settings', error.message, mend)] };
  }
}

/**
 * The machine is worth a look also where there is no manifest, or a broken one.
 * @throws LocalizeError MANIFEST_MISSING where one is named that is not there
 */
async function openForLook(
  context: CommandContext,
  manifest: string | undefined,
  { ownConfig, ...options }: SharedOptions & { ownConfig: FoundUserConfig | null },
): Promise<LoadedBatch | Finding> {
  try {
    return await openBatch(context, manifest, { ...options, keepGoing: true }, ownConfig);
  } catch (error) {
    if (error instanceof ManifestInvalid) return fail('manifest', error.message, 'localize validate shows each');
    const isNamed = manifest !== undefined;
    if (!(error instanceof LocalizeError) || error.code !== 'MANIFEST_MISSING' || isNamed) throw error;
    return warn('manifest', error.message, 'localize init writes one from your videos and audio');
  }
}

const COLORS = { ok: 'green', warn: 'yellow', fail: 'red' } as const;

function show(context: CommandContext, findings: readonly Finding[], options: SharedOptions): void {
  if (options.json) {
    context.out.write(
      `${JSON.stringify({ ok: findings.every(({ level }) => level !== 'fail'), findings }, null, 2)}\n`,
    );
    return;
  }
  const paint = createPaint(wantsColor(context, context.out, options.color));
  const shown = options.quiet ? findings.filter(({ level }) => level !== 'ok') : findings;
  const width = Math.max(0, ...shown.map(({ about }) => about.length));
  for (const { level, about, found, mend } of shown) {
    context.out.write(`${paint(COLORS[level], level.padEnd(4))}  ${about.padEnd(width)}  ${found}\n`);
    if (mend !== null) context.out.write(`${' '.repeat(width + 8)}${paint('dim', mend)}\n`);
  }
}
