import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { LocalizeError, plainText, type SecretSource } from '@localize/core';
import { whyNoKey } from './why-no-key.js';

const TIMEOUT_MS = 60_000;
/** Keys are short; a file of another kind is a mistake. */
const LONGEST = 16_384;

/**
 * The key that a file holds or a command prints, without the white space around it.
 * @throws LocalizeError KEY_UNREADABLE, which shows nothing of what was read
 */
export async function readSecretSource(
  name: string,
  source: SecretSource,
  { timeoutMs = TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): Promise<string> {
  const text =
    source.kind === 'file' ? await readFileText(name, source.path) : await run(name, source.command, timeoutMs);
  const key = text.trim();
  const where = source.kind === 'file' ? source.path : 'what its command prints';
  if (key === '') throw unreadable(name, `${where} is empty`);
  const why = key.length > LONGEST ? 'is too long for a key' : whyNoKey(name, key);
  if (why !== null) throw unreadable(name, `${where} ${why}`);
  return key;
}

async function readFileText(name: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unreadable(name, plainText((error as Error).message), error);
  }
}

/** The command may ask its user on the terminal, as password managers do; only what it prints is taken. */
function run(name: string, command: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, stdio: ['inherit', 'pipe', 'inherit'] });
    // What the shell has started outlives it, in the group of this process, and would hold the pipe as long as it likes.
    const late = setTimeout(() => {
      child.kill();
      child.stdout.destroy();
      reject(unreadable(name, `its command has not ended within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (printed.length <= LONGEST) printed += text;
    });
    child.on('error', (error) => {
      clearTimeout(late);
      reject(unreadable(name, `its command cannot be started: ${error.message}`, error));
    });
    child.on('close', (code, signal) => {
      clearTimeout(late);
      if (code === 0) resolve(printed);
      else reject(unreadable(name, `its command ended with ${code ?? signal}`));
    });
  });
}

function unreadable(name: string, why: string, cause?: unknown): LocalizeError {
  return new LocalizeError('KEY_UNREADABLE', `${name} cannot be read: ${why}`, {
    hint: 'localize doctor shows where each key comes from',
    cause,
  });
}
