import type { CallContext, FindResult, Json, Provider, StartRequest } from '@localize/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { providers } from '../src/index.js';
import { contextOn, findQuery } from '../testing/capability-scene.js';
import { fixture } from '../testing/fixture.js';
import { requestFor } from '../testing/route-named.js';
import { type Canned, closedAddress, type ScriptedServer, startScriptedServer } from '../testing/scripted-server.js';

let server: ScriptedServer;
beforeEach(async () => {
  server = await startScriptedServer();
});
afterEach(() => server.close());

interface Case {
  readonly id: string;
  readonly auth: string;
  readonly hosts: Readonly<Record<string, string>>;
  readonly request: StartRequest;
  /** What the listing echoes when it echoes our inputs; further fields are the provider's defaults. */
  readonly echo: Readonly<Record<string, Json>>;
  /** A page with these predictions; `null` echoes no inputs. */
  page(items: readonly { id: string; at: string; echo: unknown }[]): (url: string) => Canned;
}

const fal: Case = {
  id: 'fal',
  auth: 'key',
  hosts: { base_url: '', upload_url: '', platform_url: '/v1' },
  request: requestFor('fal/infinitalk', { prompt: 'A presenter', resolution: '480p', frames: 100 }),
  echo: {
    video_url: 'https://media.test/v.mp4?X-Amz-Signature=v1',
    audio_url: 'https://media.test/de.mp3?X-Amz-Signature=a1',
    prompt: 'A presenter',
    resolution: '480p',
    num_frames: 100,
    seed: 42,
    acceleration: 'regular',
  },
  page: (items) => () => ({
    body: {
      items: items.map(({ id, at, echo }) => ({ request_id: id, sent_at: at, ended_at: null, json_input: echo })),
      next_cursor: null,
    },
  }),
};

const wavespeed: Case = {
  id: 'wavespeed',
  auth: 'bearer',
  hosts: { base_url: '/api/v3' },
  request: requestFor('wavespeed/infinitetalk', { resolution: '480p' }),
  echo: {
    video: 'https://media.test/v.mp4?X-Amz-Signature=v1',
    audio: 'https://media.test/de.mp3?X-Amz-Signature=a1',
    resolution: '480p',
    seed: -1,
  },
  page: (items) => () => ({
    body: {
      code: 200,
      message: 'success',
      data: {
        page: 1,
        items: items.map(({ id, at, echo }) => ({ id, created_at: at, status: 'created', input: echo })),
      },
    },
  }),
};

const eachlabs: Case = {
  id: 'eachlabs',
  auth: 'x-api-key',
  hosts: { base_url: '/v1' },
  request: requestFor('eachlabs/infinitalk', { resolution: '720p' }),
  echo: {
    video: 'https://media.test/v.mp4?X-Amz-Signature=v1',
    audio: 'https://media.test/de.mp3?X-Amz-Signature=a1',
    resolution: '720p',
  },
  page: (items) => (url) => {
    if (url.startsWith('/v1/executions')) {
      return { body: { executions: items.map(({ id, at }) => ({ id, created_at: at, status: 'starting' })) } };
    }
    const item = items.find(({ id }) => url === `/v1/prediction/${id}`);
    return item ? { body: { id: item.id, status: 'processing', input: item.echo } } : { status: 404, body: {} };
  },
};

function finder(id: string): Required<Pick<Provider, 'find'>> {
  const find = providers.get(id)?.find;
  if (find === undefined) throw new Error(`${id} cannot find`);
  return { find };
}

describe.each([fal, wavespeed, eachlabs])('a lost create at $id', ({ id, auth, hosts, request, echo, page }) => {
  const search = (context?: CallContext): Promise<FindResult> =>
    finder(id).find(findQuery(request), context ?? contextOn(server, hosts, auth));
  const inside = '2026-08-21T10:00:01.123456789Z';

  it('is found by its inputs, of which those within the window are told from others', async () => {
    const reply = page([
      { id: 'ours', at: inside, echo: { ...echo, another_default: true } },
      { id: 'another-video', at: inside, echo: { ...echo, prompt: 'Another', ...otherAudio(echo) } },
      { id: 'too-early', at: '2026-08-21T09:54:50Z', echo },
      { id: 'too-late', at: '2026-08-21T10:06:01Z', echo },
    ]);
    server.answer((seen) => reply(seen.url));
    expect(await search()).toEqual({
      state: 'listed',
      candidates: [
        {
          predictionId: 'ours',
          reference: { id: 'ours' },
          createdAtMs: Date.parse('2026-08-21T10:00:01.123Z'),
          isTimely: true,
          inputs: 'same',
          status: expect.any(String),
        },
        expect.objectContaining({ predictionId: 'too-early', isTimely: false, inputs: 'same' }),
        expect.objectContaining({ predictionId: 'too-late', isTimely: false, inputs: 'same' }),
      ],
    });
  });

  it('is told from others by its time alone only where that names its zone', async () => {
    const reply = page([
      { id: 'another', at: '2026-08-21T09:50:00Z', echo: undefined },
      { id: 'perhaps', at: '2026-08-21T02:00:01', echo: undefined },
    ]);
    server.answer((seen) => reply(seen.url));
    expect(await search()).toMatchObject({ candidates: [{ predictionId: 'perhaps', isTimely: false }] });
  });

  it('is looked for at the time that the provider’s clock tells', async () => {
    const ahead = (ms: number) => ({ date: new Date(Date.now() + ms).toUTCString() });
    const reply = page([{ id: 'ours', at: '2026-08-21T10:20:01Z', echo: undefined }]);
    server.answer((seen) => ({ ...reply(seen.url), headers: ahead(20 * 60_000) }));
    expect(await search()).toMatchObject({ candidates: [{ predictionId: 'ours', isTimely: true }] });
    server.answer((seen) => ({ ...reply(seen.url), headers: ahead(20 * 3_600_000) }));
    expect(await search()).toMatchObject({ state: 'unanswered' });
  });

  it('is told of by the id that somebody names, also where that is of another video or time, and nothing else is', async () => {
    const reply = page([
      { id: 'ours', at: inside, echo },
      { id: 'another', at: '2026-08-21T09:00:00Z', echo: { ...echo, ...otherAudio(echo) } },
    ]);
    server.answer((seen) => reply(seen.url));
    const about = (named: string) => finder(id).find({ ...findQuery(request), named }, contextOn(server, hosts, auth));
    expect(await about('ours')).toMatchObject({ candidates: [{ predictionId: 'ours', inputs: 'same' }] });
    expect(await about('another')).toMatchObject({ candidates: [{ predictionId: 'another', inputs: 'different' }] });
    expect(await about('unlisted')).toEqual({ state: 'listed', candidates: [] });
  });

  it('is a candidate with unknown inputs where none are echoed', async () => {
    const reply = page([{ id: 'perhaps', at: inside, echo: undefined }]);
    server.answer((seen) => reply(seen.url));
    expect(await search()).toMatchObject({
      state: 'listed',
      candidates: [{ predictionId: 'perhaps', inputs: 'unknown' }],
    });
  });

  it('may be a prediction whose echo says ours in other words, and is no other’s', async () => {
    const { resolution, ...unsaid } = echo;
    const moved = (value: Json) => (String(value).startsWith('https://media.test') ? 'https://cdn.test/0a1b' : value);
    const unsigned = (value: Json) => (typeof value === 'string' ? value.replace(/\?.*/, '') : value);
    const map = (change: (value: Json) => Json) =>
      Object.fromEntries(Object.entries(echo).map(([name, value]) => [name, change(value)]));
    const others = [
      { id: 'other-resolution', at: inside, echo: { ...echo, resolution: `1${resolution}` } },
      { id: 'other-audio', at: inside, echo: { ...unsaid, ...otherAudio(echo) } },
    ];
    const perhaps = [
      { id: 'default-left-out', at: inside, echo: unsaid },
      { id: 'default-empty', at: inside, echo: { ...echo, resolution: null } },
      { id: 'written-otherwise', at: inside, echo: { ...echo, resolution: ` ${resolution}\n` } },
      { id: 'numbers-as-text', at: inside, echo: { ...map(String), resolution: ` ${resolution}` } },
      { id: 'unsigned', at: inside, echo: map(unsigned) },
      { id: 'moved', at: inside, echo: map(moved) },
    ];
    const reply = page([...others, ...perhaps]);
    server.answer((seen) => reply(seen.url));
    expect(await search()).toMatchObject({
      state: 'listed',
      candidates: perhaps.map(({ id: predictionId }) => ({ predictionId, inputs: 'unknown' })),
    });
  });

  it('is absent from a list that was read to its end', async () => {
    const reply = page([]);
    server.answer((seen) => reply(seen.url));
    expect(await search()).toEqual({ state: 'listed', candidates: [] });
  });

  it.each<[string, Canned]>([
    ['a 500', { status: 500, body: {} }],
    ['a 401', { status: 401, body: {} }],
    ['a 404', { status: 404, body: {} }],
    ['an ingress page', { status: 502, body: '<html>nginx</html>' }],
    ['an empty object', { body: {} }],
    ['no JSON', { body: 'list' }],
  ])('is neither found nor absent when the list answers %s', async (_title, reply) => {
    server.answer(() => reply);
    expect(await search()).toMatchObject({ state: 'unanswered' });
  });

  it('is neither found nor absent when nobody answers', async () => {
    const gone = { ...server, url: await closedAddress() };
    expect(await search(contextOn(gone, hosts, auth))).toMatchObject({
      state: 'unanswered',
      failure: { kind: 'network' },
    });
  });

  it('sends the key and nothing that buys', async () => {
    const reply = page([{ id: 'ours', at: inside, echo }]);
    server.answer((seen) => reply(seen.url));
    await search();
    for (const seen of server.seen) {
      expect(JSON.stringify(seen.headers)).toContain('key-0123456789');
      if (seen.method === 'POST') expect(seen.url).toBe('/api/v3/predictions');
    }
  });
});

describe('the lists', () => {
  it('of fal are followed by cursor, with the payloads and from the window’s start', async () => {
    const item = { ...fixture<{ items: object[] }>('fal', 'requests-by-endpoint-200').items[0], json_input: fal.echo };
    server.answer((seen) =>
      seen.url.includes('cursor=next')
        ? { body: { items: [item], next_cursor: null } }
        : { body: { items: [], next_cursor: 'next' } },
    );
    const result = await finder('fal').find(findQuery(fal.request), contextOn(server, fal.hosts, 'key'));
    expect(result).toMatchObject({
      candidates: [{ predictionId: '764cabcf-b745-4b3e-ae38-1200304cf45b', inputs: 'same' }],
    });
    const query = new URL(server.seen[0]?.url ?? '', server.url).searchParams;
    expect(server.seen[0]?.url).toMatch(/^\/v1\/models\/requests\/by-endpoint\?/);
    expect(Object.fromEntries(query)).toEqual({
      endpoint_id: 'fal-ai/infinitalk/video-to-video',
      start: '2026-08-21T09:55:00.000Z',
      expand: 'payloads',
      limit: '100',
    });
  });

  it('of WaveSpeed are asked by model and window', async () => {
    server.answer(() => ({ body: fixture('wavespeed', 'predictions-200') }));
    const context = contextOn(server, wavespeed.hosts, 'bearer');
    expect(await finder('wavespeed').find(findQuery(wavespeed.request), context)).toMatchObject({
      candidates: [{ inputs: 'unknown', status: 'processing' }],
    });
    expect(JSON.parse(String(server.seen[0]?.body))).toEqual({
      page: 1,
      page_size: 100,
      model: 'wavespeed-ai/infinitetalk/video-to-video',
      created_after: '2026-08-21T09:55:00.000Z',
      created_before: '2026-08-21T10:06:00.000Z',
    });
  });

  it('of Eachlabs are asked by model and window, without a status that would hide running predictions', async () => {
    server.answer((seen) =>
      seen.url.startsWith('/v1/executions')
        ? { body: fixture('eachlabs', 'executions-200') }
        : { body: { id: 'prediction-uuid', status: 'processing', input: eachlabs.echo } },
    );
    const context = contextOn(server, eachlabs.hosts, 'x-api-key');
    expect(await finder('eachlabs').find(findQuery(eachlabs.request), context)).toMatchObject({
      candidates: [{ predictionId: 'prediction-uuid', inputs: 'same' }],
    });
    const query = new URL(server.seen[0]?.url ?? '', server.url).searchParams;
    expect(Object.fromEntries(query)).toEqual({
      model: 'infinitalk-video-to-video',
      from: '2026-08-21T09:55:00.000Z',
      to: '2026-08-21T10:06:00.000Z',
      limit: '100',
      offset: '0',
    });
  });

  it('of Eachlabs prove nothing when one execution cannot be looked up', async () => {
    server.answer((seen) =>
      seen.url.startsWith('/v1/executions')
        ? { body: fixture('eachlabs', 'executions-200') }
        : { status: 503, body: {} },
    );
    const context = contextOn(server, eachlabs.hosts, 'x-api-key');
    expect(await finder('eachlabs').find(findQuery(eachlabs.request), context)).toMatchObject({ state: 'unanswered' });
  });

  it.each([wavespeed, eachlabs])('of $id are read page by page', async ({ id, auth, hosts, request, echo, page }) => {
    const item = (name: string) => ({ id: name, at: '2026-08-21T10:00:01Z', echo });
    const full = Array.from({ length: 100 }, (_, index) => item(`first-${index}`));
    let pages = 0;
    server.answer((seen) => {
      const lookUp = seen.url.includes('/prediction/');
      if (!lookUp) pages += 1;
      return page(lookUp ? [...full, item('last')] : pages === 1 ? full : [item('first-0'), item('last')])(seen.url);
    });
    const result = await finder(id).find(findQuery(request), contextOn(server, hosts, auth));
    // The third brings nothing new.
    expect(pages).toBe(3);
    expect(result.state === 'listed' && result.candidates.map((candidate) => candidate.predictionId)).toEqual([
      ...full.map((one) => one.id),
      'last',
    ]);
  });

  it.each([wavespeed, eachlabs])(
    'of $id that cap their pages below the size asked for are read to their end',
    async ({ id, auth, hosts, request, echo, page }) => {
      const all = Array.from({ length: 25 }, (_, index) => ({ id: `n-${index}`, at: '2026-08-21T10:00:01Z', echo }));
      server.answer((seen) => {
        if (seen.url.includes('/prediction/')) return page(all)(seen.url);
        const asked =
          seen.method === 'POST' ? (JSON.parse(String(seen.body)) as { page: number; page_size: number }) : null;
        const offset = Number(new URL(seen.url, 'http://list').searchParams.get('offset'));
        const from = asked === null ? offset : (asked.page - 1) * asked.page_size;
        return page(all.slice(from, from + 10))(seen.url);
      });
      const result = await finder(id).find(findQuery(request), contextOn(server, hosts, auth));
      expect(result.state === 'listed' && result.candidates.map((candidate) => candidate.predictionId)).toEqual(
        all.map((one) => one.id),
      );
    },
  );

  it.each([wavespeed, eachlabs])('of $id end where a page past a short one is refused', async (subject) => {
    const { id, auth, hosts, request, echo, page } = subject;
    const ours = { id: 'ours', at: '2026-08-21T10:00:01Z', echo };
    const search = async (first: Parameters<Case['page']>[0], refusal: number) => {
      let pages = 0;
      server.answer((seen) => {
        if (seen.url.includes('/prediction/')) return page(first)(seen.url);
        pages += 1;
        return pages === 1 ? page(first)(seen.url) : { status: refusal, body: {} };
      });
      return finder(id).find(findQuery(request), contextOn(server, hosts, auth));
    };
    const found = await search([ours], 400);
    expect(found.state === 'listed' && found.candidates.map((candidate) => candidate.predictionId)).toEqual(['ours']);
    expect(await search([ours], 503)).toMatchObject({ state: 'unanswered' });
    const full = Array.from({ length: 100 }, (_, index) => ({ ...ours, id: `n-${index}` }));
    expect(await search(full, 400)).toMatchObject({ state: 'unanswered' });
  });

  it.each([fal, wavespeed, eachlabs])('of $id end with a page that is null', async (subject) => {
    const { id, auth, hosts, request, echo, page } = subject;
    const ours = { id: 'ours', at: '2026-08-21T10:00:01Z', echo };
    let pages = 0;
    server.answer((seen) => {
      if (seen.url.includes('/prediction/')) return page([ours])(seen.url);
      pages += 1;
      const { body, ...reply } = page(pages === 1 ? [ours] : [])(seen.url);
      return { ...reply, body: JSON.parse(JSON.stringify(body).replace('[]', 'null')) };
    });
    const result = await finder(id).find(findQuery(request), contextOn(server, hosts, auth));
    expect(result.state === 'listed' && result.candidates.map((candidate) => candidate.predictionId)).toEqual(['ours']);
    server.answer((seen) => {
      const { body, ...reply } = page([])(seen.url);
      return { ...reply, body: JSON.parse(JSON.stringify(body).replace('[]', 'null')) };
    });
    expect(await finder(id).find(findQuery(request), contextOn(server, hosts, auth))).toEqual({
      state: 'listed',
      candidates: [],
    });
  });

  it.each([fal, wavespeed, eachlabs])('of $id prove nothing when they never end', async (subject) => {
    const items = Array.from({ length: 100 }, (_, index) => ({
      id: `n-${index}`,
      at: '2026-08-21T10:00:01Z',
      echo: {},
    }));
    server.answer((seen) => {
      const reply = subject.page(items)(seen.url);
      return subject.id === 'fal' ? { body: { ...(reply.body as object), next_cursor: 'again' } } : reply;
    });
    const context = contextOn(server, subject.hosts, subject.auth);
    expect(await finder(subject.id).find(findQuery(subject.request), context)).toMatchObject({ state: 'unanswered' });
  });
});

function otherAudio(echo: Readonly<Record<string, Json>>): Record<string, string> {
  const name = 'audio_url' in echo ? 'audio_url' : 'audio';
  return { [name]: 'https://media.test/fr.mp3' };
}
