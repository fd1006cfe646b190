import type { OptionFields, SettingsFields } from '../manifest/manifest.js';

/** A value with where it comes from: a video or track says it for itself, a default is for whoever can use it. */
export interface Setting<T> {
  readonly value: T;
  readonly from: 'own' | 'default';
}

/** What holds for one job after the nearest has won. */
export interface EffectiveSettings {
  readonly provider: readonly string[] | null;
  readonly resolution: Setting<string> | null;
  readonly prompt: Setting<string> | null;
  readonly seed: Setting<number> | null;
  /** By provider, then by option. */
  readonly options: Readonly<Record<string, Readonly<Record<string, Setting<string | boolean>>>>>;
  readonly priority: number;
}

/** What holds for one track: its own setting, else its video's, else the default, and which of these it is. */
export function effectiveSettings(
  defaults: SettingsFields,
  video: SettingsFields,
  track: SettingsFields,
): EffectiveSettings {
  const nearest = <K extends 'resolution' | 'prompt' | 'seed'>(field: K) => {
    type Value = NonNullable<SettingsFields[K]>;
    const own = track[field] ?? video[field];
    if (own !== undefined) return { value: own as Value, from: 'own' as const };
    const value = defaults[field];
    return value === undefined ? null : { value: value as Value, from: 'default' as const };
  };
  return {
    provider: track.provider ?? video.provider ?? defaults.provider ?? null,
    resolution: nearest('resolution'),
    prompt: nearest('prompt'),
    seed: nearest('seed'),
    options: mergeOptions(defaults.options, video.options, track.options),
    priority: track.priority ?? video.priority ?? defaults.priority ?? 0,
  };
}

const NO_OPTIONS = {};

function mergeOptions(
  defaults: OptionFields | undefined,
  video: OptionFields | undefined,
  track: OptionFields | undefined,
): EffectiveSettings['options'] {
  if (defaults === undefined && video === undefined && track === undefined) return NO_OPTIONS;
  const merged: Record<string, Record<string, Setting<string | boolean>>> = {};
  for (const [level, from] of [
    [defaults, 'default'],
    [video, 'own'],
    [track, 'own'],
  ] as const) {
    for (const [provider, options] of Object.entries(level ?? {})) {
      const fields = merged[provider] ?? {};
      for (const [name, value] of Object.entries(options)) fields[name] = { value, from };
      merged[provider] = fields;
    }
  }
  return merged;
}
