import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith, localize } from './support/cli.js';
import { SMALL } from './support/manifests.js';

const VTT = 'WEBVTT\n\n00:00.000 --> 00:01.000\nGuten Tag\n';

test('another sound and subtitles come to finished outputs from the manifest, and nothing is bought for it', {
  timeout: 60_000,
}, async () => {
  const folder = folderWith({ 'manifest.yaml': SMALL, 'subs/de/safety.vtt': VTT }, { media: true });
  const output = join(folder, 'localized/small.emulated/safety/safety.de.mp4');
  const sidecar = () => JSON.parse(readFileSync(`${output}.json`, 'utf8'));
  expect((await localize(folder, ['run'])).exit).toBe(0);
  const before = sidecar();
  expect(before.finish).toMatchObject({ audio: 'provider', title: 'safety', language: 'de', kept: null });
  const edited = `${SMALL}output: { audio: track }\ndefaults: { subtitles: "./subs/{lang}/{name}.vtt" }\n`;
  writeFileSync(join(folder, 'manifest.yaml'), edited);
  const again = await localize(folder, ['run']);
  expect(again.exit).toBe(0);
  expect(again.stderr).toContain('warning: no subtitles for safety x fr');
  const after = sidecar();
  expect(after).toMatchObject({ fingerprint: before.fingerprint, prediction_id: before.prediction_id });
  expect(after.finish).toMatchObject({ audio: 'track', kept: '../originals/safety/safety.de.mp4' });
  expect(readFileSync(output).includes('Guten Tag')).toBe(true);
  const { exit, stdout } = await localize(folder, ['status', '--verify', '--json']);
  expect(exit).toBe(0);
  expect(JSON.parse(stdout).jobs.flatMap((job: { attempts: unknown[] }) => job.attempts)).toHaveLength(2);
});
