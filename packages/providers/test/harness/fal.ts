import { fal } from '../../src/fal/index.js';
import type { ConformanceSubject } from '../../testing/conformance/contract.js';
import { fixture } from '../../testing/fixture.js';
import { requestFor, TWO_VOICES } from '../../testing/route-named.js';
import type { Canned } from '../../testing/scripted-server.js';

const ID = '764cabcf-b745-4b3e-ae38-1200304cf45b';
const STATUS = `GET /fal-ai/infinitalk/requests/${ID}/status`;
const RESULT = `GET /fal-ai/infinitalk/requests/${ID}`;
const queue = (status: string, more: object = {}, http = 200) => ({
  [STATUS]: { status: http, body: { status, request_id: ID, ...more } },
});
const done = (result: Canned) => ({ ...queue('COMPLETED', { logs: null }), [RESULT]: result });

export const falSubject: ConformanceSubject = {
  name: 'fal',
  provider: fal,
  auth: 'key',
  key: 'fal-id-0123456789:fal-secret-abcdef',
  hosts: (base) => ({ base_url: base, upload_url: base, platform_url: `${base}/v1` }),
  request: requestFor(
    'fal/infinitalk',
    { prompt: 'A presenter', seed: 42, resolution: '480p', frames: 100, options: { acceleration: 'high', other: 1 } },
    { mask: 'https://media.test/mask.png' },
  ),
  inexpressible: [requestFor('fal/infinitalk', { prompt: 'x' }, TWO_VOICES)],
  create: {
    path: '/fal-ai/infinitalk/video-to-video',
    body: {
      video_url: 'https://media.test/v.mp4?X-Amz-Signature=v1',
      audio_url: 'https://media.test/de.mp3?X-Amz-Signature=a1',
      prompt: 'A presenter',
      num_frames: 100,
      resolution: '480p',
      seed: 42,
      acceleration: 'high',
    },
    headers: {
      authorization: 'Key fal-id-0123456789:fal-secret-abcdef',
      'x-app-fal-disable-fallback': 'true',
    },
    accepted: { reply: { body: fixture('fal', 'submit-200') }, id: ID, costMicros: null },
    refusal: {
      body: fixture('fal', 'result-422'),
      words: 'num_frames: Input should be less than or equal to 129',
    },
    refusals: [
      {
        title: 'a locked user',
        reply: { status: 403, body: { detail: 'User is locked. Reason: Exhausted balance. Top up your balance.' } },
        kind: 'payment',
      },
      {
        title: 'a locked user by an admin',
        reply: { status: 403, body: { detail: 'User is locked.' } },
        kind: 'payment',
      },
      { title: 'a key without the scope', reply: { status: 403, body: { detail: 'Forbidden' } }, kind: 'auth' },
      {
        title: 'moderation',
        reply: { status: 422, body: fixture('fal', 'result-422-moderated') },
        kind: 'rejected-content',
      },
    ],
    unproven: [
      { title: 'a detail in a success', reply: { body: { detail: 'queued?' } } },
      {
        title: 'our own start timeout',
        reply: { status: 504, headers: { 'x-fal-request-timeout-type': 'user' }, body: { detail: 'timed out' } },
      },
    ],
  },
  pollPath: `/fal-ai/infinitalk/requests/${ID}/status`,
  polls: {
    queued: {
      replies: queue('IN_QUEUE', { queue_position: 3 }, 202),
      expected: { state: 'pending', phase: 'queued' },
    },
    running: { replies: queue('IN_PROGRESS', { logs: [] }, 202), expected: { state: 'pending', phase: 'running' } },
    completed: {
      replies: done({ body: fixture('fal', 'result-200') }),
      expected: {
        state: 'completed',
        output: {
          url: 'https://storage.googleapis.com/falserverless/model_tests/video_models/mk7Ar5IvTtyNjWLRMb-re_dbe605004b664258b38528615afd7e0f.mp4',
        },
        costMicros: null,
        seed: null,
      },
    },
    completedFully: {
      replies: done({
        body: { video: { url: 'https://v3.fal.media/o.mp4', content_type: 'video/mp4', file_size: 1234 }, seed: 42 },
      }),
      expected: {
        state: 'completed',
        output: { url: 'https://v3.fal.media/o.mp4', contentType: 'video/mp4', bytes: 1234 },
        seed: 42,
      },
    },
    completedOtherCase: {
      replies: { ...done({ body: fixture('fal', 'result-200') }), ...queue('completed') },
      expected: { state: 'completed' },
    },
    failed: {
      replies: done({ status: 422, body: fixture('fal', 'result-422') }),
      expected: { state: 'failed', costMicros: null },
    },
    failedInTheStatus: {
      replies: queue('COMPLETED', { error: 'Runner died', error_type: 'runner_disconnected' }),
      expected: {
        state: 'failed',
        failure: { kind: 'provider', message: 'Runner died', code: 'runner_disconnected' },
        costMicros: null,
        uncharged: true,
      },
    },
    failedModelStatus: {
      replies: queue('COMPLETED', { error: 'Invalid status code: 422' }),
      expected: { state: 'failed', failure: { kind: 'invalid-input', message: 'Invalid status code: 422' } },
    },
    failedModelStatusInFull: {
      replies: {
        ...done({ status: 422, body: { detail: [{ msg: 'flagged', type: 'content_policy_violation' }] } }),
        ...queue('COMPLETED', { error: 'Invalid status code: 422' }),
      },
      expected: { state: 'failed', failure: { kind: 'rejected-content', message: 'flagged' } },
    },
    failedReplayed: {
      replies: done({ status: 500, headers: { 'x-fal-request-id': ID }, body: { detail: 'Internal error' } }),
      expected: {
        state: 'failed',
        failure: { kind: 'provider', message: 'Internal error' },
        costMicros: null,
        uncharged: true,
        unconfirmed: true,
      },
    },
    failedInPlainWords: {
      replies: done({ status: 422, headers: { 'x-fal-request-id': ID }, body: { detail: 'Service Unavailable' } }),
      expected: { state: 'failed', costMicros: null, unconfirmed: true },
    },
    failedModelError: {
      replies: done({ status: 500, body: { detail: [{ msg: 'broke', type: 'internal_server_error' }] } }),
      expected: { state: 'failed', costMicros: null, uncharged: true, unconfirmed: false },
    },
    failedReplayedAsTheStatusSays: {
      replies: {
        ...done({ status: 500, headers: { 'x-fal-request-id': ID }, body: { detail: 'Internal error' } }),
        ...queue('COMPLETED', { error: 'Internal error' }),
      },
      expected: { state: 'failed', uncharged: true, unconfirmed: false },
    },
    canceledInTheStatus: {
      replies: queue('COMPLETED', { error: 'canceled', error_type: 'client_cancelled' }),
      expected: { state: 'failed', canceled: true },
    },
    canceled: { replies: done({ status: 499, body: {} }), expected: { state: 'failed', canceled: true } },
    moderated: {
      replies: done({ status: 422, body: fixture('fal', 'result-422-moderated') }),
      expected: { state: 'failed' },
    },
    completedUnreadably: {
      replies: done({ body: { video: { url: 'v.mp4', file_size: 12 } } }),
      expected: { state: 'completed', output: { unreadable: '{"url":"v.mp4","file_size":12}' } },
    },
    completedInline: {
      replies: done({ body: { video: { url: 'data:video/mp4;base64,AAAA' } } }),
      expected: { state: 'completed', output: { url: 'data:video/mp4;base64,AAAA' } },
    },
    ofAnother: {
      replies: { ...done({ body: fixture('fal', 'result-200') }), ...queue('COMPLETED', { request_id: 'another' }) },
      expected: { state: 'unanswered' },
    },
    completedEmpty: { replies: done({ body: { video: null, seed: 42 } }), expected: { state: 'failed' } },
    unknownStatus: {
      replies: queue('PAUSED'),
      expected: { state: 'pending', phase: 'unknown', unknownStatus: 'PAUSED' },
    },
    resultBehindAnIngress: {
      replies: done({ status: 502, body: '<html>nginx</html>' }),
      expected: { state: 'unanswered' },
    },
    resultNotOfThisRequest: {
      replies: done({ status: 503, headers: { 'x-fal-request-id': 'another' }, body: { detail: 'unavailable' } }),
      expected: { state: 'unanswered' },
    },
    resultNotYet: {
      replies: done({ status: 400, body: { detail: 'Request is still in progress' } }),
      expected: { state: 'unanswered' },
    },
    resultLocked: {
      replies: done({ status: 403, body: { detail: 'User is locked.' } }),
      expected: { state: 'unanswered' },
    },
    resultGone: { replies: done({ status: 404, body: { status: 'NOT_FOUND' } }), expected: { state: 'vanished' } },
    resultGarbled: { replies: done({ body: 'not JSON' }), expected: { state: 'unanswered' } },
  },
  knownGaps: [],
};
