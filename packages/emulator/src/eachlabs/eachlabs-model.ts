import type { Reply } from '../http/reply.js';
import { EACHLABS_INPUT, EACHLABS_MODEL } from './eachlabs-create.js';

/** `GET /v1/model?slug=` [doc get-model]: the live schema, built from the page's table [page eachlabs]. */
export function describeModel(slug: string | undefined): Reply {
  if (slug === undefined || slug === '') return { status: 400, body: { error: 'slug parameter is required' } };
  if (slug !== EACHLABS_MODEL) return { status: 404, body: { error: 'Failed to fetch model: model not found' } };
  const properties = EACHLABS_INPUT.map(({ name, type, oneOf, minimum, maximum }) => [
    name,
    {
      type,
      ...(oneOf === undefined ? {} : { enum: oneOf }),
      ...(minimum === undefined ? {} : { minimum }),
      ...(maximum === undefined ? {} : { maximum }),
      ...(name === 'resolution' ? { default: '720p' } : {}),
    },
  ]);
  return {
    status: 200,
    body: {
      title: 'Infinitalk | Video to Video',
      slug: EACHLABS_MODEL,
      version: '0.0.1',
      output_type: 'video',
      request_schema: {
        type: 'object',
        required: EACHLABS_INPUT.filter((field) => field.required).map((field) => field.name),
        properties: Object.fromEntries(properties),
      },
    },
  };
}
