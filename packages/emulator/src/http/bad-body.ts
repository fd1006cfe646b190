import type { FaultOf } from '../faults/fault.js';
import { type Reply, send } from './reply.js';

/** The page that a proxy in front of a provider shows. */
const INGRESS_PAGE =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n';

/** A reply whose body is not what the provider promises. */
export function sendBadBody(fault: FaultOf<'bad-body'>, proper: Reply): Response {
  const status = fault.status ?? proper.status;
  const headers = proper.headers ?? {};
  switch (fault.body) {
    case 'garbage':
      return send({ status, body: '{"status":"succ', headers: { ...headers, 'content-type': 'application/json' } });
    case 'html':
      // The proxy answers, not the provider, so none of the provider's headers are there.
      return send({ status: fault.status ?? 200, body: INGRESS_PAGE, headers: { 'content-type': 'text/html' } });
    case 'empty-object':
      return send({ status, body: {}, headers });
    case 'nothing':
      return new Response(null, { status, headers });
  }
}
