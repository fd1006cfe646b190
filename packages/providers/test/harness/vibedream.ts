import { vibedream } from '../../src/vibedream/index.js';
import type { ConformanceSubject } from '../../testing/conformance/contract.js';
import { fixture } from '../../testing/fixture.js';
import { requestFor, TWO_VOICES } from '../../testing/route-named.js';

const ID = '550e8400-e29b-41d4-a716-446655440000';
const poll = (body: unknown) => ({ [`GET /api/v1/predictions/${ID}`]: { body } });
const completed = fixture('vibedream', 'prediction-200-completed');

export const vibedreamSubject: ConformanceSubject = {
  name: 'vibedream',
  provider: vibedream,
  auth: 'bearer',
  key: 'vd-key-0123456789abcdef',
  hosts: (base) => ({ base_url: `${base}/api/v1` }),
  request: requestFor(
    'vibedream/infinitetalk-fast',
    // The route lists no resolution, frames or options: none of them may be sent.
    { prompt: 'A presenter', seed: 0, resolution: '720p', frames: 100, options: { acceleration: 'high' } },
    { mask: 'https://media.test/mask.png' },
  ),
  inexpressible: [requestFor('vibedream/infinitetalk-fast', {}, TWO_VOICES)],
  create: {
    path: '/api/v1/models/video-to-video/generate',
    body: {
      audio: 'https://media.test/de.mp3?X-Amz-Signature=a1',
      video: 'https://media.test/v.mp4?X-Amz-Signature=v1',
      mask_image: 'https://media.test/mask.png',
      prompt: 'A presenter',
      seed: 0,
    },
    headers: { authorization: 'Bearer vd-key-0123456789abcdef' },
    accepted: { reply: { body: fixture('vibedream', 'create-200') }, id: ID, costMicros: 170_000 },
    refusal: { body: { error: 'seed must be at most 1000' }, words: 'seed must be at most 1000' },
    refusals: [
      {
        title: 'moderated at once',
        reply: { status: 422, body: { detail: 'Your request was flagged by content moderation.' } },
        kind: 'rejected-content',
      },
    ],
    unproven: [
      { title: 'an error in a success', reply: { body: { error: 'something broke' } } },
      { title: 'a status without an id', reply: { body: { status: 'processing', costCents: 17 } } },
    ],
  },
  pollPath: `/api/v1/predictions/${ID}`,
  polls: {
    running: {
      replies: poll({ ...completed, status: 'processing', outputs: null, completedAt: null }),
      expected: { state: 'pending', phase: 'running' },
    },
    completed: {
      replies: poll(completed),
      expected: {
        state: 'completed',
        output: { url: `https://assets.vibedream.ai/outputs/${ID}/1736942400000-0.mp4` },
        costMicros: null,
      },
    },
    completedOtherCase: {
      replies: poll({ ...completed, status: 'Completed' }),
      expected: { state: 'completed' },
    },
    failed: {
      replies: poll({ status: 'failed', outputs: null, error: 'The video has no face' }),
      expected: { state: 'failed', failure: { kind: 'provider', message: 'The video has no face' }, costMicros: null },
    },
    moderated: {
      replies: poll(fixture('vibedream', 'prediction-200-failed-moderated')),
      expected: { state: 'failed' },
    },
    failedSilently: { replies: poll({ status: 'failed', error: null }), expected: { state: 'failed' } },
    completedUnreadably: {
      replies: poll({ ...completed, outputs: ['s3://bucket/v.mp4'] }),
      expected: { state: 'completed', output: { unreadable: '["s3://bucket/v.mp4"]' } },
    },
    completedInline: {
      replies: poll({ ...completed, outputs: ['data:video/mp4;base64,AAAA'] }),
      expected: { state: 'completed', output: { url: 'data:video/mp4;base64,AAAA' } },
    },
    ofAnother: { replies: poll({ ...completed, id: 'another' }), expected: { state: 'unanswered' } },
    ofOursInCapitals: {
      replies: poll({ ...completed, id: String(completed.id).toUpperCase() }),
      expected: { state: 'completed' },
    },
    completedEmpty: { replies: poll({ ...completed, outputs: [] }), expected: { state: 'failed' } },
    completedNull: { replies: poll({ ...completed, outputs: null }), expected: { state: 'failed' } },
    unknownStatus: {
      replies: poll({ status: 'queued' }),
      expected: { state: 'pending', phase: 'unknown', unknownStatus: 'queued' },
    },
  },
  knownGaps: [],
};
