import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folderWith, localize } from './support/cli.js';

/** Tracks `es` and `it` are made of the same file and of a copy of it. */
const manifest = (top: string, prompt = 'A presenter') => `version: 1
batch: foreseen
emulate: true
${top}
defaults: { provider: wavespeed/infinitetalk, prompt: ${prompt} }
videos:
  - id: safety
    source: ./media/safety.mp4
    tracks: { de: ./media/audio/de/safety.mp3, es: ./media/audio/fr/safety.mp3, it: ./copy.mp3, ja: ./media/audio/ja/safety.mp3 }
`;

function folderOf(text: string): string {
  const folder = folderWith({ 'manifest.yaml': text }, { media: true });
  copyFileSync(join(folder, 'media/audio/fr/safety.mp3'), join(folder, 'copy.mp3'));
  return folder;
}

const write = (folder: string, text: string) => writeFileSync(join(folder, 'manifest.yaml'), text);
const loseState = (folder: string) => rmSync(join(folder, '.localize'), { recursive: true });

interface Planned {
  readonly total: { readonly jobs: number; readonly price_usd: string };
  readonly remakes: readonly unknown[];
  readonly problems: readonly string[];
  readonly budget: readonly { readonly billed_usd: string }[];
  readonly jobs: readonly { readonly key: string; readonly taken_from: string | null; readonly to_buy: boolean }[];
}
const planOf = async (folder: string): Promise<Planned> =>
  JSON.parse((await localize(folder, ['plan', '--json'])).stdout);
const taken = ({ jobs }: Planned) => jobs.map((job) => (job.to_buy ? 'bought' : job.taken_from));
const billed = async (folder: string) => {
  const { cost } = JSON.parse((await localize(folder, ['status', '--json'])).stdout);
  return cost.billed_usd as string;
};

describe('what a run takes without buying', { timeout: 120_000 }, () => {
  test('is in the plan and in no sum: one video for equal tracks, all of a lost state, and what was asked otherwise', async () => {
    const folder = folderOf(manifest('labels: {}'));
    const fresh = await planOf(folder);
    expect(taken(fresh)).toEqual(['bought', 'bought', 'twin', 'bought']);
    const text = (await localize(folder, ['plan'])).stdout;
    expect(text).toMatch(/safety\/it .* free: the same as safety\/es/);
    expect(text).toContain(`3 jobs to buy for $${fresh.total.price_usd} (simulated`);
    expect(text).toContain('1 of 4 jobs costs nothing');
    expect((await localize(folder, ['--only', 'safety/es'])).exit).toBe(0);
    expect((await localize(folder, ['cancel', '--only', 'safety/it'])).exit).toBe(0);
    const retried = await localize(folder, ['retry', '--only', 'safety/it']);
    expect(retried.stdout).toBe('safety/it will be taken from disk, for free\n');
    expect((await localize(folder, [])).exit).toBe(0);
    expect(await billed(folder)).toBe(fresh.total.price_usd);

    loseState(folder);
    const capped = manifest(`budget: { max_usd: ${fresh.total.price_usd} }`);
    write(folder, capped);
    const lost = await planOf(folder);
    expect(lost).toMatchObject({ total: { jobs: 0 }, problems: [], budget: [{ billed_usd: fresh.total.price_usd }] });
    expect(taken(lost)).toEqual(['disk', 'disk', 'disk', 'disk']);
    expect((await localize(folder, ['plan'])).stdout).toContain('nothing to buy; 4 of 4 jobs cost nothing');

    write(folder, manifest(`budget: { max_usd: ${fresh.total.price_usd} }`, 'A teacher'));
    const edited = await planOf(folder);
    expect(edited).toMatchObject({ total: { jobs: 0 }, problems: [] });
    expect(taken(edited)).toEqual(['former', 'former', 'former', 'former']);
    expect(edited.remakes).toMatchObject([{ key: 'safety/de', changed: ['prompt'] }, {}, {}, {}]);

    write(folder, capped);
    expect((await localize(folder, [])).exit).toBe(0);
    expect(await billed(folder)).toBe(fresh.total.price_usd);
  });

  test('is part of a saved plan, and refused when it would be bought by now', async () => {
    const folder = folderOf(manifest('labels: {}'));
    expect((await localize(folder, ['plan', '--out', 'p.json'])).exit).toBe(0);
    const audio = readFileSync(join(folder, 'copy.mp3'));
    copyFileSync(join(folder, 'media/audio/de/safety.mp3'), join(folder, 'copy.mp3'));
    const refused = await localize(folder, ['--plan', 'p.json']);
    expect([refused.exit, refused.stderr]).toEqual([2, expect.stringContaining('safety/it is asked for differently')]);
    writeFileSync(join(folder, 'copy.mp3'), audio);
    expect((await localize(folder, ['--plan', 'p.json'])).exit).toBe(0);
  });

  test('is nothing where something else is in a video’s place: `retry` says that and sells nothing', async () => {
    const folder = folderOf(manifest('labels: {}'));
    const place = join(folder, 'localized/foreseen.emulated/safety/safety.de.mp4');
    mkdirSync(place, { recursive: true });
    const only = ['--only', 'safety/de'];
    expect((await localize(folder, only)).exit).toBe(1);
    const { stdout, stderr } = await localize(folder, ['retry', ...only]);
    expect(stdout).toMatch(
      /^safety\/de would be held: no video can be put where its own belongs, .*nothing is bought: .*safety\.de\.mp4 is a folder.*\(mend or move that, then: localize manifest\.yaml\)\n$/,
    );
    expect(stderr).not.toContain('To carry it out');
    const json = JSON.parse((await localize(folder, ['retry', ...only, '--json'])).stdout);
    expect(json.again).toEqual([]);
    rmSync(place, { recursive: true });
    expect((await localize(folder, only)).exit).toBe(0);
  });
});
