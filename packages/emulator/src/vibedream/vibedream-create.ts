import { randomUUID } from 'node:crypto';
import { checkFields, describeIssue, type FieldRule } from '../http/fields.js';
import { isObject, type JsonBody } from '../http/read-json.js';
import type { Reply } from '../http/reply.js';
import type { CreateRoute, MediaInput, MediaProblem, Order } from '../predict/create-route.js';
import { vibedreamDialect } from './vibedream-dialect.js';

/**
 * [page vibedream], section 4. The seed's range is printed as " – 1000 (step 1)" with its minimum lost; 0 is assumed, since the
 * page's example sends 0.
 */
const FIELDS: readonly FieldRule[] = [
  { name: 'audio', type: 'string', required: true, nonEmpty: true },
  { name: 'video', type: 'string', required: true, nonEmpty: true },
  { name: 'mask_image', type: 'string', nonEmpty: true },
  { name: 'prompt', type: 'string' },
  { name: 'seed', type: 'integer', minimum: 0, maximum: 1000 },
];

/** "from $0.17/run" [page vibedream]; what a longer clip costs is not published, 1.5 cents a second is assumed. */
const MINIMUM_CENTS = 17;
const CENTS_PER_SECOND = 1.5;

/** `POST /models/video-to-video/generate` [page vibedream]. */
export const vibedreamCreate: CreateRoute = {
  dialect: vibedreamDialect,
  route: 'vibedream/infinitetalk-fast',
  newId: randomUUID,
  order,
  takesDataUris: false,
  // "Accepted: MP4, WebM, MOV", "MP3, WAV, M4A" and "JPEG, PNG, GIF, WebP" [page vibedream].
  kinds: {
    picture: ['mp4', 'webm', 'mov'],
    audio: ['mp3', 'wav', 'm4a'],
    mask: ['jpeg', 'png', 'gif', 'webp'],
  },
  judge,
  // "Set the seed for reproducibility of the results (optional)" [page vibedream]: that it is random without one is assumed.
  seed: { byDefault: null, random: null },
  quote(_world, _order, [audioMs = 0]) {
    const costCents = Math.max(MINIMUM_CENTS, Math.ceil((audioMs / 1000) * CENTS_PER_SECOND));
    return { priceMicros: costCents * 10_000, outputMs: audioMs, fixedLength: false, details: { costCents } };
  },
  // "~10–30s per 1 second of video" [page vibedream].
  wallMs: (outputMs, random) => outputMs * (10 + random() * 20),
  accepted: (world, { id, createdAt, details }) => ({
    status: 200,
    body: {
      id,
      status: 'processing',
      statusUrl: world.url(`/vibedream/api/v1/predictions/${id}`),
      estimatedTime: '10–30s per 1 second of video',
      // A create whose media turn out to be unusable has no length; the minimum is assumed.
      costCents: details.costCents ?? MINIMUM_CENTS,
      createdAt: new Date(createdAt).toISOString(),
    },
  }),
};

function order(body: JsonBody): { order: Order } | { refused: Reply } {
  if (!('json' in body) || !isObject(body.json)) return invalid('The request body must be a JSON object');
  const [issue] = checkFields(FIELDS, body.json);
  if (issue !== undefined) return invalid(describeIssue(issue));
  const { audio, video, mask_image } = body.json as Record<string, string | undefined>;
  const media: MediaInput[] = [
    { field: 'video', value: video as string, role: 'picture' },
    { field: 'audio', value: audio as string, role: 'audio' },
  ];
  if (mask_image !== undefined) media.push({ field: 'mask_image', value: mask_image, role: 'mask' });
  return { order: { inputs: body.json, media, arrangement: 'single', details: {} } };
}

/** [assumed] What is no public URL is refused at once; what can't be fetched or read fails later. */
function judge({ input, kind }: MediaProblem): ReturnType<CreateRoute['judge']> {
  const { field, value } = input;
  if (kind === 'not-a-url' || kind === 'data-uri' || kind === 'foreign-loopback') {
    return invalid(`${field} must be a public URL`);
  }
  return { failure: { cause: kind === 'unreadable' ? 'media-unreadable' : 'media-unreachable', field, value } };
}

function invalid(message: string): { refused: Reply } {
  return { refused: vibedreamDialect.refuse(400, message) };
}
