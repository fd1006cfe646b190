import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startEmulator } from '../src/index.js';
import { FACE, keyHeaders, ROUTE_KEYS, startBench } from './support/bench.js';
import { writeWav } from './support/wav-file.js';

describe('a restart', () => {
  it.each(ROUTE_KEYS)('on another port goes on with the predictions of %s', async (route) => {
    const bench = await startBench();
    const before = bench.emulator.url;
    const id = bench.idOf(route, await bench.create(route));
    const ledger = bench.emulator.ledger();
    bench.clock.advance(5_000);
    await bench.restart();
    expect(bench.emulator.url).not.toBe(before);
    expect(bench.emulator.ledger().creates).toEqual(ledger.creates);
    bench.clock.advance(3_600_000);
    const { body } = await bench.poll(route, id);
    const text = JSON.stringify(route === 'fal' ? (await bench.get(body.response_url, keyHeaders('fal'))).body : body);
    const output = /"(http[^"]+\.mp4)"/.exec(text.replace(/"input":\{[^}]*\}/, ''))?.[1] ?? '';
    expect(output).toContain(bench.emulator.url);
    expect((await fetch(output)).status).toBe(200);
    expect(bench.emulator.ledger().predictions[0]).toMatchObject({ state: 'succeeded', charged: true });
    // Media URLs of the old port name files that are still here.
    expect((await bench.create(route, {}, 'a-fresh-key')).status).toBe(200);
    const second = bench.emulator.ledger().predictions[1];
    expect([second?.failure, JSON.stringify(second?.inputs)]).toEqual([null, expect.stringContaining(before)]);
  });

  it('on the same port serves the same URLs', async () => {
    const bench = await startBench();
    const { url } = bench.emulator;
    await bench.restart({ port: Number(new URL(url).port) });
    expect(bench.emulator.url).toBe(url);
    expect((await fetch(bench.video)).status).toBe(200);
  });

  it('is refused while another emulator holds the folder', async () => {
    const bench = await startBench();
    await expect(startEmulator({ dir: join(bench.dir, 'state') })).rejects.toThrow('in use by another emulator');
  });
});

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

interface Running {
  child: ChildProcess;
  info: { url: string; pid: number; bucketUrl: string; endpoints: { vibedream: { baseUrl: string } } };
}

async function spawnMain(...args: string[]): Promise<Running> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [line] = await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line');
  return { child, info: JSON.parse(line) };
}

describe('its own process', () => {
  it('tells its URLs, survives a kill, and stops cleanly on SIGTERM', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'emulator-test-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const args = [
      '--port',
      '0',
      '--dir',
      join(dir, 'state'),
      '--speed',
      '1000',
      '--limits',
      '{"vibedream":{"creates":1}}',
    ];
    const first = await spawnMain(...args, '--faults', '[{"kind":"create-then-drop","times":1}]');
    const upload = async (key: string, path: string) => {
      const url = `${first.info.bucketUrl}/${key}`;
      expect((await fetch(url, { method: 'PUT', body: readFileSync(path) })).status).toBe(200);
      return url;
    };
    const body = JSON.stringify({
      video: await upload('face.mp4', FACE),
      audio: await upload('a.wav', writeWav(join(dir, 'a.wav'), 1)),
    });
    const create = ({ info }: Running) =>
      fetch(`${info.endpoints.vibedream.baseUrl}/models/video-to-video/generate`, {
        method: 'POST',
        body,
        headers: keyHeaders('vibedream'),
      });
    await expect(create(first)).rejects.toThrow();
    first.child.kill('SIGKILL');
    await once(first.child, 'exit');
    const second = await spawnMain(...args);
    expect((await create(second)).status).toBe(429);
    const ledger = (await (await fetch(`${second.info.url}/_emulator/ledger`)).json()) as {
      creates: { reason: string; status: number | null }[];
      predictions: unknown[];
    };
    expect(ledger.creates.map((one) => [one.reason, one.status])).toEqual([
      ['created', null],
      ['refused-by-limit', 429],
    ]);
    expect(ledger.predictions).toHaveLength(1);
    second.child.kill('SIGTERM');
    const [code] = await once(second.child, 'exit');
    expect(code).toBe(0);
  });

  it('stops with its standard input when told to', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'emulator-test-'));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const child = spawn(process.execPath, [MAIN, '--dir', dir, '--stop-with-stdin']);
    await once(createInterface({ input: child.stdout }), 'line');
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('says what is wrong with its arguments', async () => {
    const child = spawn(process.execPath, [MAIN, '--dir', 'x', '--faults', '[{"kind":"sabotage"}]']);
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    const [code] = await once(child, 'exit');
    expect([code, said]).toEqual([2, expect.stringContaining('usage:')]);
  });
});
