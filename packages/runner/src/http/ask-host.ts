import { get as getPlainly, type IncomingMessage, Agent as PlainAgent } from 'node:http';
import { get as getByTls, Agent as TlsAgent } from 'node:https';
import { DownloadError } from './download-error.js';

/** Connections are kept for the next result of their host; they don't keep the process alive while nothing uses them. */
const KEPT = { keepAlive: true, maxSockets: 16, maxFreeSockets: 16 };
const AGENTS = { plain: new PlainAgent(KEPT), tls: new TlsAgent(KEPT) };

const MOST_REDIRECTS = 5;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** How a connection ends that its host has closed. */
const CLOSED: ReadonlySet<string | undefined> = new Set(['ECONNRESET', 'EPIPE']);

/** Until the head of a reply is here, and between two pieces of its body. */
const HEAD_TIMEOUT_MS = 30_000;
const BODY_TIMEOUT_MS = 60_000;

/**
 * Asks for a result, and follows redirects. The body can be read as slowly as the disk takes it: that is why this is Node's
 * own client, since undici 7 ends the process where a host closes the connection while its reader is behind
 * (nodejs/undici#5360).
 * @throws DownloadError where it leads nowhere; Error where no reply came
 */
export async function askHost(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  let at = httpUrl(url);
  for (let redirects = 0; ; redirects += 1) {
    const reply = await askOnce(at, headers, signal);
    const { location } = reply.headers;
    if (!REDIRECTS.has(reply.statusCode ?? 0) || location === undefined) return reply;
    reply.destroy();
    if (redirects === MOST_REDIRECTS)
      throw new DownloadError('network', `${at.host} redirects more than ${MOST_REDIRECTS} times`);
    at = httpUrl(location, at);
  }
}

function httpUrl(text: string, base?: URL): URL {
  if (!URL.canParse(text, base?.href)) throw new DownloadError('network', 'the result lies at an address that is none');
  const url = new URL(text, base);
  if (url.protocol === 'http:' || url.protocol === 'https:') return url;
  throw new DownloadError('network', `the result lies at an address that is not http: ${url.protocol}`);
}

/** @param isFresh whether it goes by a connection of its own */
function askOnce(
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
  isFresh = false,
): Promise<IncomingMessage> {
  const options = { headers, signal, timeout: HEAD_TIMEOUT_MS };
  return new Promise((resolve, reject) => {
    const request =
      url.protocol === 'https:'
        ? getByTls(url, { ...options, agent: isFresh ? false : AGENTS.tls })
        : getPlainly(url, { ...options, agent: isFresh ? false : AGENTS.plain });
    let isAnswered = false;
    request.on('error', (error: NodeJS.ErrnoException) => {
      // The host may have ended a kept connection just when it was to be used again: that says nothing about the result.
      if (!isAnswered && request.reusedSocket && CLOSED.has(error.code)) resolve(askOnce(url, headers, signal, true));
      else reject(error);
    });
    request.on('timeout', () => request.destroy(new Error(`${url.host}: no reply in time`)));
    request.on('response', (reply) => {
      isAnswered = true;
      request.setTimeout(BODY_TIMEOUT_MS);
      resolve(reply);
    });
  });
}
