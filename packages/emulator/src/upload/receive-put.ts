import { once } from 'node:events';
import type { Http } from '../http/env.js';
import { cut, type Reply, send } from '../http/reply.js';
import { type StoredContent, TooLargeError } from '../media/content-store.js';
import type { Ticket } from '../state/ticket-table.js';
import type { World } from '../world.js';
import { objectError } from './object-error.js';

/** What an upload URL insists on. */
export interface PutRules {
  maximumBytes?: number;
  /** Headers that must arrive verbatim, since the URL is signed for them. */
  requiredHeaders?: Readonly<Record<string, string>>;
  /** Reply to a success. */
  stored(content: StoredContent): Reply;
}

/**
 * Answers the PUT of a file's bytes to an upload URL: streamed to disk, visible only when whole. The URL is the
 * permission, so a request that also carries a key is refused, as S3 does (a key must never reach a file host).
 */
export async function receivePut(
  world: World,
  http: Http,
  ticket: Ticket | undefined,
  rules: PutRules,
  keep: (content: StoredContent) => void,
): Promise<Response> {
  const provider = ticket?.provider;
  const fault = provider === undefined ? null : takePutFault(world, ticket as Ticket);
  if (fault === 'drop') {
    // Once the first bytes are here, so that the sender is in the middle of it.
    await once(http.env.incoming, 'data');
    return cut(http);
  }
  if (fault !== null) return send(fault);
  const refused = refuse(world, http, ticket, rules);
  if (refused !== null) return send(refused);
  try {
    const content = await world.contents.receive(http.env.incoming, rules.maximumBytes);
    const promised = (ticket as Ticket).bytes;
    if (promised !== null && content.bytes !== promised) {
      return send(objectError(400, 'IncompleteBody', `${promised} bytes were announced, ${content.bytes} arrived`));
    }
    keep(content);
    return send(rules.stored(content));
  } catch (error) {
    if (error instanceof TooLargeError) return send(tooLarge(rules.maximumBytes as number));
    // The sender went away; there is nobody to answer.
    return cut(http);
  }
}

function takePutFault(world: World, { provider }: Ticket): Reply | 'drop' | null {
  if (world.faults.take('drop-upload', { provider })) return 'drop';
  const refused = world.faults.take('refuse-upload', { provider }, (fault) =>
    ['put', 'any'].includes(fault.at ?? 'any'),
  );
  return refused === undefined
    ? null
    : objectError(refused.status, 'InternalError', 'We encountered an internal error');
}

function refuse(world: World, http: Http, ticket: Ticket | undefined, rules: PutRules): Reply | null {
  if (ticket === undefined) return objectError(403, 'AccessDenied', 'Invalid upload URL');
  if (ticket.urlExpiresAt !== null && world.now() >= ticket.urlExpiresAt) {
    return objectError(403, 'AccessDenied', 'Request has expired');
  }
  if (http.req.header('authorization') !== undefined || http.req.header('x-api-key') !== undefined) {
    return objectError(400, 'InvalidArgument', 'Only one auth mechanism allowed');
  }
  const required = Object.entries(rules.requiredHeaders ?? {});
  const wrong = required.find(([name, value]) => http.req.header(name) !== value);
  if (wrong !== undefined) {
    return objectError(403, 'SignatureDoesNotMatch', `The header ${wrong[0]} is not the one that was signed`);
  }
  const announced = Number(http.req.header('content-length') ?? 0);
  return rules.maximumBytes !== undefined && announced > rules.maximumBytes ? tooLarge(rules.maximumBytes) : null;
}

function tooLarge(maximumBytes: number): Reply {
  return objectError(400, 'EntityTooLarge', `The file exceeds ${maximumBytes} bytes`);
}
