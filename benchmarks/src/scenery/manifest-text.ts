import { VOICE_SECONDS } from './workspace.js';

/** What a provider's entry in a manifest says. */
export interface ProviderEntry {
  readonly hosts: Readonly<Record<string, string>>;
  readonly limits: { readonly creates: number; readonly per: string; readonly concurrent: number };
  readonly poll: { readonly first: string; readonly every: string };
  readonly keys?: readonly string[];
}

/** JSON is YAML: what stands above the videos. */
export function manifestHead(
  batch: string,
  providers: Readonly<Record<string, ProviderEntry>>,
  bucket?: Readonly<Record<string, string>>,
): string {
  const entries = Object.entries(providers).map(([id, { hosts, ...settings }]) => {
    return [id, { ...settings, ...hosts, price: { usd_per_second: 0.04, minimum_seconds: 5 } }];
  });
  return [
    'version: 1',
    `batch: ${batch}`,
    `defaults: ${JSON.stringify({ provider: Object.keys(providers), prompt: 'A person speaks' })}`,
    `providers: ${JSON.stringify(Object.fromEntries(entries))}`,
    ...(bucket ? [`staging: ${JSON.stringify({ s3: bucket })}`] : []),
    'videos:',
    '',
  ].join('\n');
}

/** One video with one track for each number. The seed tells the jobs apart, since all else of them is the same. */
export function yamlVideos(count: number): string {
  const lines: string[] = [];
  for (let i = 0; i < count; i += 1) {
    lines.push(`  - id: ${videoId(i)}`);
    lines.push('    source: ./face.mp4', `    duration: ${VOICE_SECONDS}s`, '    tracks:');
    lines.push(`      de: { audio: ./voice.wav, duration: ${VOICE_SECONDS}s, seed: ${i + 1} }`);
  }
  return `${lines.join('\n')}\n`;
}

/** The same as rows of a CSV file. */
export function csvRows(count: number): string {
  const lines = ['video,id,lang,audio,duration,video_duration,seed'];
  for (let i = 0; i < count; i += 1) {
    lines.push(`./face.mp4,${videoId(i)},de,./voice.wav,${VOICE_SECONDS}s,${VOICE_SECONDS}s,${i + 1}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Key of the first job of {@link yamlVideos} and {@link csvRows}. */
export const FIRST_KEY = `${videoId(0)}/de`;

function videoId(index: number): string {
  return `v${String(index).padStart(7, '0')}`;
}
