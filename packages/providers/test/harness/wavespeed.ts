import { wavespeed } from '../../src/wavespeed/index.js';
import type { ConformanceSubject } from '../../testing/conformance/contract.js';
import { fixture } from '../../testing/fixture.js';
import { ONE_VOICE, requestFor, TWO_VOICES } from '../../testing/route-named.js';

const ID = 'f3a1c2d4e5f60718293a4b5c6d7e8f90';
const enveloped = (data: unknown, code = 200, message = 'success') => ({ body: { code, message, data } });
const poll = (data: unknown) => ({ [`GET /api/v3/predictions/${ID}/result`]: enveloped(data) });
const word = (status: string, more: object = {}) => poll({ id: ID, status, outputs: [], error: '', ...more });
const URL_OUT = `https://media.example/${ID}.mp4`;

export const wavespeedSubject: ConformanceSubject = {
  name: 'wavespeed/infinitetalk',
  provider: wavespeed,
  auth: 'bearer',
  key: 'ws-key-0123456789abcdef',
  hosts: (base) => ({ base_url: `${base}/api/v3` }),
  request: requestFor(
    'wavespeed/infinitetalk',
    { prompt: 'A presenter', seed: -1, resolution: '720p', frames: 100, options: { acceleration: 'high' } },
    { mask: 'https://media.test/mask.png' },
  ),
  inexpressible: [
    requestFor('wavespeed/infinitetalk', {}, TWO_VOICES),
    requestFor('wavespeed/infinitetalk-fast-multi', {}, ONE_VOICE),
  ],
  create: {
    path: '/api/v3/wavespeed-ai/infinitetalk/video-to-video',
    body: {
      audio: 'https://media.test/de.mp3?X-Amz-Signature=a1',
      video: 'https://media.test/v.mp4?X-Amz-Signature=v1',
      mask_image: 'https://media.test/mask.png',
      prompt: 'A presenter',
      resolution: '720p',
      seed: -1,
    },
    headers: { authorization: 'Bearer ws-key-0123456789abcdef' },
    accepted: { reply: { body: fixture('wavespeed', 'create-200') }, id: ID, costMicros: null },
    refusal: { body: { code: 400, message: 'invalid resolution' }, words: 'invalid resolution' },
    refusals: [
      {
        title: 'an empty account behind a 400',
        reply: { status: 400, body: { code: 400, message: 'Insufficient credits. Please top up.' } },
        kind: 'payment',
      },
      { title: 'a 400 in the envelope', reply: enveloped(null, 400, 'bad'), kind: 'invalid-input' },
      { title: 'a 401 in the envelope', reply: enveloped(null, 401, 'bad key'), kind: 'auth' },
      { title: 'a 429 in the envelope', reply: enveloped({}, 429, 'slow down'), kind: 'rate-limit' },
      { title: 'credits in the envelope', reply: enveloped(null, 400, 'Insufficient credits'), kind: 'payment' },
      { title: 'a missing parameter', reply: enveloped(null, 1400, 'audio is required'), kind: 'invalid-input' },
      { title: 'moderation', reply: enveloped(null, 1200, 'rejected'), kind: 'rejected-content' },
    ],
    unproven: [
      { title: 'a 500 in the envelope', reply: enveloped(null, 500, 'internal') },
      { title: 'a 5000 in the envelope', reply: enveloped(null, 5000, 'internal') },
      { title: 'a 408 in the envelope', reply: enveloped(null, 408, 'late') },
      { title: 'no id', reply: enveloped({ status: 'created' }) },
      { title: 'an id outside the data', reply: { body: { code: 200, message: 'success', id: ID } } },
    ],
  },
  pollPath: `/api/v3/predictions/${ID}/result`,
  polls: {
    created: { replies: word('created'), expected: { state: 'pending', phase: 'queued' } },
    running: { replies: word('processing'), expected: { state: 'pending', phase: 'running' } },
    completed: {
      replies: { [`GET /api/v3/predictions/${ID}/result`]: { body: fixture('wavespeed', 'result-200-completed') } },
      expected: { state: 'completed', output: { url: URL_OUT }, costMicros: null },
    },
    completedString: { replies: word('completed', { outputs: URL_OUT }), expected: { state: 'completed' } },
    completedOtherCase: { replies: word('COMPLETED', { outputs: [URL_OUT] }), expected: { state: 'completed' } },
    failed: {
      replies: word('failed', { error: 'no face found', code: 1403 }),
      expected: { state: 'failed', failure: { kind: 'provider', message: 'no face found', code: '1403' } },
    },
    failedInput: {
      replies: word('failed', { error: 'cannot fetch audio', code: 1402 }),
      expected: { state: 'failed', failure: { kind: 'invalid-input', message: 'cannot fetch audio' } },
    },
    timeout: { replies: word('timeout', { code: 5004 }), expected: { state: 'failed', canceled: false } },
    moderated: { replies: word('failed', { error: 'rejected', code: 1200 }), expected: { state: 'failed' } },
    flagged: {
      replies: word('failed', { has_nsfw_contents: [true] }),
      expected: { state: 'failed', failure: { kind: 'rejected-content', message: 'failed without an explanation' } },
    },
    canceled: { replies: word('cancelled'), expected: { state: 'failed', canceled: true } },
    canceledSpeltWithOneL: { replies: word('CANCELED'), expected: { state: 'failed', canceled: true } },
    deleted: { replies: word('deleted'), expected: { state: 'failed', canceled: true } },
    completedUnreadably: {
      replies: word('completed', { outputs: [{ video: 'v.mp4' }] }),
      expected: { state: 'completed', output: { unreadable: '[{"video":"v.mp4"}]' } },
    },
    completedInline: {
      replies: word('completed', { outputs: ['data:video/mp4;base64,AAAA'] }),
      expected: { state: 'completed', output: { url: 'data:video/mp4;base64,AAAA' } },
    },
    ofAnother: {
      replies: word('completed', { id: 'another', outputs: [URL_OUT] }),
      expected: { state: 'unanswered' },
    },
    completedEmpty: { replies: word('completed'), expected: { state: 'failed' } },
    unknownStatus: {
      replies: word('hibernating'),
      expected: { state: 'pending', phase: 'unknown', unknownStatus: 'hibernating' },
    },
    vanishedInside: {
      replies: { [`GET /api/v3/predictions/${ID}/result`]: enveloped(null, 404, 'not found') },
      expected: { state: 'vanished' },
    },
    unansweredInside: {
      replies: { [`GET /api/v3/predictions/${ID}/result`]: enveloped(null, 500, 'internal') },
      expected: { state: 'unanswered', failure: { kind: 'provider', message: 'internal' } },
    },
  },
  knownGaps: [],
};

export const wavespeedMultiSubject: ConformanceSubject = {
  ...wavespeedSubject,
  name: 'wavespeed/infinitetalk-fast-multi',
  request: requestFor(
    'wavespeed/infinitetalk-fast-multi',
    { prompt: null, seed: 7, resolution: '720p', frames: 100 },
    TWO_VOICES,
  ),
  create: {
    ...wavespeedSubject.create,
    path: '/api/v3/wavespeed-ai/infinitetalk-fast/video-to-video-multi',
    body: {
      video: 'https://media.test/v.mp4?X-Amz-Signature=v1',
      left_audio: 'https://media.test/left.wav',
      right_audio: 'https://media.test/right.wav',
      order: 'left_right',
      seed: 7,
    },
  },
};
