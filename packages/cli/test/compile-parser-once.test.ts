import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';

const MODULE = new URL('../dist/infra/compile-parser-once.js', import.meta.url).href;
const CLIENT = import.meta.resolve('undici');

/** Asks a server on loopback so often. */
const PROGRAM = `
import { createServer } from 'node:http';
const [module, client, mode, most] = process.argv.slice(1);
if (mode === 'once') (await import(module)).compileParserOnce();
const { Agent, request } = await import(client);
const server = createServer((_, reply) => reply.end('{}')).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));
const dispatcher = new Agent();
for (let turn = 0; turn < Number(most); turn += 1) {
  const { body } = await request('http://127.0.0.1:' + server.address().port, { dispatcher });
  await body.dump();
}
await dispatcher.close();
server.close();
`;

/** Node has small ones of its own. */
const LARGE_FOR_SPEED = /turbofan.*bodysize \d{5}/i;

/** Whether V8 said that it compiled a large function of WebAssembly for speed. */
async function isCompiledAgain(mode: 'once' | 'usual', most: number): Promise<boolean> {
  const flags = ['--trace-wasm-compilation-times', '--input-type=module', '--eval'];
  const child = spawn(process.execPath, [...flags, PROGRAM, MODULE, CLIENT, mode, String(most)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (!LARGE_FOR_SPEED.test(line)) continue;
    child.kill();
    return true;
  }
  return false;
}

describe('the parser of the HTTP client', () => {
  it('is not compiled again, which would take more memory than a small run does', async () => {
    expect(await isCompiledAgain('usual', 100_000)).toBe(true);
    expect(await isCompiledAgain('once', 2_000)).toBe(false);
  });
});
