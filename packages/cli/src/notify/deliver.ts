import { spawn } from 'node:child_process';
import { percentDecoded } from '@localize/core';
import type { Notice } from './notice.js';

const TIMEOUT_MS = 10_000;

/**
 * Posts a notice as Slack's incoming webhooks take it, and those of others that are made alike.
 * @throws Error that names neither the URL nor anything of it
 */
export async function postNotice(url: string, { text }: Notice): Promise<void> {
  if (!isNoticeUrl(url)) throw new Error('its URL is no https URL');
  const { address, authorization } = withoutUser(url);
  const reply = await fetch(address, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization },
    body: JSON.stringify({ text: escaped(text) }),
    // A redirect would take the text to somebody else.
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new Error(error instanceof Error && error.name === 'TimeoutError' ? 'no answer in time' : 'no answer');
  });
  await reply.body?.cancel();
  if (!reply.ok) throw new Error(`the answer was ${reply.status}`);
}

/** Who logs in by the URL does so by a header: `fetch` calls no URL with a name in it. */
function withoutUser(url: string): { address: URL; authorization: Record<string, string> } {
  const address = new URL(url);
  const { username, password } = address;
  if (username === '' && password === '') return { address, authorization: {} };
  address.username = '';
  address.password = '';
  const user = Buffer.from(`${percentDecoded(username)}:${percentDecoded(password)}`).toString('base64');
  return { address, authorization: { authorization: `Basic ${user}` } };
}

/** The three characters that mean something in Slack's texts. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Plain http is for this machine alone. */
export function isNoticeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname));
}

/**
 * Runs a command with the notice in `LOCALIZE_EVENT`, `LOCALIZE_BATCH` and `LOCALIZE_TEXT`.
 * @throws Error
 */
export function runNoticeCommand(command: string, { kind, text }: Notice, batch: string): Promise<void> {
  const env = { ...process.env, LOCALIZE_EVENT: kind, LOCALIZE_BATCH: batch, LOCALIZE_TEXT: text };
  return new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, stdio: 'ignore', env, timeout: TIMEOUT_MS });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`it ended with ${code ?? signal}`));
    });
  });
}
