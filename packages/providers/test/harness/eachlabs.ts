import { eachlabs } from '../../src/eachlabs/index.js';
import type { ConformanceSubject } from '../../testing/conformance/contract.js';
import { fixture } from '../../testing/fixture.js';
import { requestFor, TWO_VOICES } from '../../testing/route-named.js';

const ID = 'prediction-uuid';
const URL_OUT = 'https://cdn-us.eachlabs.ai/prediction-uuid.mp4';
const poll = (body: unknown) => ({ [`GET /v1/prediction/${ID}`]: { body } });
const word = (status: string, more: object = {}) => poll({ status, predictionID: ID, ...more });

export const eachlabsSubject: ConformanceSubject = {
  name: 'eachlabs',
  provider: eachlabs,
  auth: 'x-api-key',
  key: 'el-key-0123456789abcdef',
  hosts: (base) => ({ base_url: `${base}/v1` }),
  request: requestFor(
    'eachlabs/infinitalk',
    { prompt: 'A presenter', seed: 42, resolution: '480p', frames: 100, options: { acceleration: 'high' } },
    { mask: 'https://media.test/mask.png' },
  ),
  inexpressible: [requestFor('eachlabs/infinitalk', {}, TWO_VOICES)],
  create: {
    path: '/v1/prediction/',
    body: {
      model: 'infinitalk-video-to-video',
      input: {
        audio: 'https://media.test/de.mp3?X-Amz-Signature=a1',
        video: 'https://media.test/v.mp4?X-Amz-Signature=v1',
        prompt: 'A presenter',
        resolution: '480p',
        mask_image: 'https://media.test/mask.png',
        seed: 42,
      },
    },
    headers: { 'x-api-key': 'el-key-0123456789abcdef' },
    accepted: { reply: { body: fixture('eachlabs', 'create-200') }, id: ID, costMicros: null },
    refusal: {
      body: { status: 'error', message: 'Invalid input', details: 'seed out of range' },
      words: 'Invalid input: seed out of range',
    },
    refusals: [
      { title: 'an empty balance', reply: { status: 402, body: { error: 'balance too low' } }, kind: 'payment' },
      {
        title: 'the shared handler’s status in a success',
        reply: { body: { status: 429, error: 'too many', details: '' } },
        kind: 'rate-limit',
      },
      {
        title: 'the page’s error body in a success',
        reply: { body: { status: 'error', message: 'no such model', details: 'infinitalk' } },
        kind: 'provider',
      },
    ],
    unproven: [
      { title: 'accepted without an id', reply: { body: { status: 'success', message: 'created' } } },
      { title: 'an error in a success that explains nothing', reply: { body: { status: 'error' } } },
      { title: 'a 5xx in a success', reply: { body: { status: 503, error: 'x' } } },
    ],
  },
  pollPath: `/v1/prediction/${ID}`,
  polls: {
    created: { replies: word('created'), expected: { state: 'pending', phase: 'queued' } },
    starting: { replies: word('starting'), expected: { state: 'pending', phase: 'queued' } },
    running: { replies: word('processing'), expected: { state: 'pending', phase: 'running' } },
    completed: {
      replies: poll(fixture('eachlabs', 'prediction-200-success')),
      expected: { state: 'completed', output: { url: URL_OUT }, costMicros: null },
    },
    completedDocumented: {
      replies: poll(fixture('eachlabs', 'prediction-200-success-documented')),
      expected: { state: 'completed', output: { url: URL_OUT }, costMicros: 150_000 },
    },
    completedList: {
      replies: word('success', { output: [URL_OUT], metrics: { cost: '0.30000000000000004' } }),
      expected: { state: 'completed', output: { url: URL_OUT }, costMicros: 300_000 },
    },
    completedObject: { replies: word('success', { output: { url: URL_OUT } }), expected: { state: 'completed' } },
    failed: {
      replies: poll(fixture('eachlabs', 'prediction-200-error')),
      expected: { state: 'failed', failure: { kind: 'provider', message: 'The model failed: out of memory' } },
    },
    completedOtherCase: {
      replies: word('SUCCESS', { output: URL_OUT }),
      expected: { state: 'completed', output: { url: URL_OUT } },
    },
    runningOtherCase: { replies: word('Processing'), expected: { state: 'pending', phase: 'running' } },
    failedWord: {
      replies: word('failed', { output: { error: 'boom' } }),
      expected: { state: 'failed', failure: { kind: 'provider', message: 'boom' } },
    },
    failedByLogs: {
      replies: word('error', { output: null, logs: 'CUDA died' }),
      expected: { state: 'failed', failure: { kind: 'provider', message: 'CUDA died' } },
    },
    failedInput: {
      replies: word('error', { output: { error_message: 'bad audio', classification: { category: 'VALIDATION' } } }),
      expected: { state: 'failed', failure: { kind: 'invalid-input', message: 'bad audio' } },
    },
    moderated: {
      replies: poll(fixture('eachlabs', 'prediction-200-error-enveloped')),
      expected: { state: 'failed', costMicros: 0 },
    },
    canceled: { replies: word('cancelled'), expected: { state: 'failed', canceled: true } },
    canceledSpeltWithOneL: { replies: word('CANCELED'), expected: { state: 'failed', canceled: true } },
    completedUnreadably: {
      replies: word('success', { output: '/o/v.mp4?token=abc123' }),
      expected: { state: 'completed', output: { unreadable: '/o/v.mp4?token=[redacted]' } },
    },
    completedInline: {
      replies: word('success', { output: 'data:video/mp4;base64,AAAA' }),
      expected: { state: 'completed', output: { url: 'data:video/mp4;base64,AAAA' } },
    },
    ofAnother: {
      replies: word('success', { output: URL_OUT, predictionID: 'another-uuid', id: 'another-uuid' }),
      expected: { state: 'unanswered' },
    },
    completedEmpty: { replies: word('success', { output: '' }), expected: { state: 'failed' } },
    completedNothing: { replies: word('success'), expected: { state: 'failed' } },
    // A webhook's word, which no poll uses.
    unknownStatus: {
      replies: word('succeeded'),
      expected: { state: 'pending', phase: 'unknown', unknownStatus: 'succeeded' },
    },
  },
  knownGaps: [],
};

export const eachlabsBearerSubject: ConformanceSubject = {
  ...eachlabsSubject,
  name: 'eachlabs with auth: bearer',
  auth: 'bearer',
  create: { ...eachlabsSubject.create, headers: { authorization: 'Bearer el-key-0123456789abcdef' } },
};
