import type { Dialect } from '../predict/create-route.js';
import { BODY_TOO_LARGE, type JsonBody } from './read-json.js';
import type { Reply } from './reply.js';

/** What is said to a body that is no JSON object, with the status that the provider has for that. */
export function refuseBody({ refuse }: Dialect, body: JsonBody, status: number): Reply {
  return 'problem' in body && body.problem === 'too-large' ? refuse(413, BODY_TOO_LARGE) : refuse(status);
}
