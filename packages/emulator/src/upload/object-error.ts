import type { Reply } from '../http/reply.js';

/** An error of an object store. That the providers' stores answer like S3 is assumed; Eachlabs' is S3 [doc storage]. */
export function objectError(status: number, code: string, message: string): Reply {
  return {
    status,
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
    headers: { 'content-type': 'application/xml' },
  };
}
