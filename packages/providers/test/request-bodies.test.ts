import type { JsonObject, RouteInput, StartRequest } from '@localize/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createInput, MODEL } from '../src/eachlabs/wire.js';
import { createBody as falBody } from '../src/fal/wire.js';
import { createBody as vibedreamBody } from '../src/vibedream/wire.js';
import { createBody as wavespeedBody } from '../src/wavespeed/wire.js';
import { fixture } from '../testing/fixture.js';
import { requestFor, TWO_VOICES } from '../testing/route-named.js';

/** The fields of each page's table, and those among them that it requires. */
const TABLES: readonly {
  readonly id: string;
  readonly build: (request: StartRequest) => JsonObject | null;
  readonly listed: readonly string[];
  readonly required: readonly string[];
}[] = [
  {
    id: 'vibedream/infinitetalk-fast',
    build: vibedreamBody,
    listed: ['audio', 'video', 'mask_image', 'prompt', 'seed'],
    required: ['audio', 'video'],
  },
  {
    id: 'eachlabs/infinitalk',
    build: createInput,
    listed: ['audio', 'video', 'prompt', 'resolution', 'mask_image', 'seed'],
    required: ['audio', 'video'],
  },
  {
    id: 'wavespeed/infinitetalk',
    build: wavespeedBody,
    listed: ['audio', 'video', 'mask_image', 'prompt', 'resolution', 'seed'],
    required: ['audio', 'video'],
  },
  {
    id: 'wavespeed/infinitetalk-fast-multi',
    build: wavespeedBody,
    listed: ['video', 'left_audio', 'right_audio', 'prompt', 'order', 'seed', 'mask_image'],
    required: ['video', 'left_audio', 'right_audio', 'order'],
  },
  {
    id: 'fal/infinitalk',
    build: falBody,
    listed: ['video_url', 'audio_url', 'prompt', 'num_frames', 'resolution', 'seed', 'acceleration'],
    required: ['video_url', 'audio_url'],
  },
];

const anyInput: fc.Arbitrary<RouteInput> = fc.record({
  prompt: fc.option(fc.string({ minLength: 1 })),
  seed: fc.option(fc.nat()),
  resolution: fc.option(fc.constantFrom('480p', '720p')),
  frames: fc.option(fc.integer({ min: 81, max: 721 })),
  options: fc.dictionary(fc.constantFrom('acceleration', 'webhook_url', 'enable_sync_mode'), fc.constant('high')),
});

describe.each(TABLES)('the body of a create at $id', ({ id, build, listed, required }) => {
  const media = id.endsWith('multi') ? TWO_VOICES : {};

  it('has the required fields and no field that the page does not list, whatever is asked', () => {
    fc.assert(
      fc.property(anyInput, fc.option(fc.webUrl()), (input, mask) => {
        const body = build(requestFor(id, input, { ...media, mask })) ?? {};
        expect(listed).toEqual(expect.arrayContaining(Object.keys(body)));
        expect(Object.keys(body)).toEqual(expect.arrayContaining([...required]));
        expect(Object.values(body)).not.toContain(null);
      }),
    );
  });

  it('has nothing but the media when nothing else is asked', () => {
    const body = build(requestFor(id, {}, media)) ?? {};
    expect(Object.keys(body).toSorted()).toEqual([...required].toSorted());
  });
});

describe('the pages’ own examples', () => {
  it('of VibeDream are what we send for them', () => {
    const example = fixture<Record<string, string>>('vibedream', 'create-request');
    const request = requestFor(
      'vibedream/infinitetalk-fast',
      { prompt: example.prompt ?? null, seed: 0 },
      {
        video: example.video ?? '',
        voices: { kind: 'one', audio: example.audio ?? '' },
        mask: example.mask_image ?? null,
      },
    );
    expect(vibedreamBody(request)).toEqual(example);
  });

  it('of Eachlabs are what we send for them', () => {
    const example = fixture<{ model: string; input: Record<string, string> }>('eachlabs', 'create-request');
    const { audio = '', video = '' } = example.input;
    const request = requestFor('eachlabs/infinitalk', {}, { video, voices: { kind: 'one', audio } });
    expect({ model: MODEL, input: createInput(request) }).toEqual(example);
  });

  it('of fal are what we send for them', () => {
    const example = fixture<Record<string, string>>('fal', 'submit-request');
    const request = requestFor(
      'fal/infinitalk',
      {
        prompt: example.prompt ?? null,
        seed: 42,
        resolution: '480p',
        frames: 145,
        options: { acceleration: 'regular' },
      },
      { video: example.video_url ?? '', voices: { kind: 'one', audio: example.audio_url ?? '' } },
    );
    expect(falBody(request)).toEqual(example);
  });
});

describe('a mask at wavespeed/infinitetalk-fast-multi', () => {
  it('is sent only when it is asked for', () => {
    const without = wavespeedBody(requestFor('wavespeed/infinitetalk-fast-multi', {}, TWO_VOICES));
    const mask = 'https://media.test/mask.png';
    const withMask = wavespeedBody(requestFor('wavespeed/infinitetalk-fast-multi', {}, { ...TWO_VOICES, mask }));
    expect(without).not.toHaveProperty('mask_image');
    expect(withMask).toHaveProperty('mask_image', mask);
  });
});
