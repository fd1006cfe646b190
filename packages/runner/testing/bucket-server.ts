import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver, { type Call } from '@20minutes/s3rver';
import { type BucketSettings, secret } from '@localize/core';
import type { BucketCredentials } from '../src/index.js';

/** The key that the server knows. */
const KEY = 'S3RVER';

/** In a listing of parts. A storage shows a thousand. */
const PARTS_A_PAGE = 2;

export const bucketCredentialsOfTest: BucketCredentials = {
  accessKeyId: secret(KEY),
  secretAccessKey: secret(KEY),
  sessionToken: null,
};

interface Refusal {
  readonly status: number;
  /** As S3 names it. */
  readonly code: string;
}

/** A real S3-compatible server on loopback, with one bucket, that counts what it is asked. */
export interface BucketServer {
  readonly settings: BucketSettings;
  /** `METHOD path`, with the query that tells a multipart call. */
  readonly calls: string[];
  /** Names of the objects that were written whole. */
  uploads(): string[];
  /** Answers calls with 503 for which this is true, or with another refusal. */
  refuse(judge: (call: string) => boolean, refusal?: Refusal): void;
  /** Answers calls when what this returns for them has come; with 503 where that fails. */
  hold(until: (call: string) => Promise<void> | undefined): void;
  /** Names of objects whose upload was begun, and neither completed nor called off. */
  begun(): string[];
  /** How many parts of such uploads are there whole. */
  partsThere(): number;
  /** Where the server keeps an object's bytes. */
  pathOf(name: string): string;
  /** What a lifecycle rule or a colleague does. */
  empty(): void;
  remove(name: string): void;
  close(): Promise<void>;
}

/** @param trusting takes any signature: it works those of listings out in a way of its own */
export async function bucketServer({ trusting = false } = {}): Promise<BucketServer> {
  const directory = mkdtempSync(join(tmpdir(), 'localize-bucket-'));
  const calls: string[] = [];
  const app = new S3rver({
    address: '127.0.0.1',
    port: 0,
    silent: true,
    allowMismatchedSignatures: trusting,
    directory,
    configureBuckets: [{ name: 'videos', configs: [] }],
  });
  const uploadsDir = join(directory, 'videos', '._S3rver_uploads');
  let isRefused: (call: string) => boolean = () => false;
  let refusal: Refusal | undefined;
  let held: (call: string) => Promise<void> | undefined = () => undefined;
  app.middleware.unshift(async (ctx, next) => {
    const call = `${ctx.method} ${ctx.path}${ctx.query.uploadId === undefined ? '' : '?uploadId'}`;
    calls.push(call);
    const isGone = await Promise.resolve(held(call)).then(
      () => false,
      () => true,
    );
    if (isGone) ctx.status = 503;
    else if (isRefused(call)) {
      ctx.status = refusal?.status ?? 503;
      if (refusal) ctx.body = `<?xml version="1.0"?><Error><Code>${refusal.code}</Code></Error>`;
    } else if (!answersMultipart(ctx, uploadsDir)) await next();
  });
  const { port } = (await app.run()) as AddressInfo;
  const settings: BucketSettings = {
    bucket: 'videos',
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-1',
    prefix: 'in/',
    presignMs: 24 * 3_600_000,
    publicBaseUrl: null,
  };
  const pathOf = (name: string) => join(directory, settings.bucket, `${name}._S3rver_object`);
  return {
    settings,
    calls,
    refuse: (judge, as) => {
      isRefused = judge;
      refusal = as;
    },
    hold: (until) => {
      held = until;
    },
    // A multipart upload is one POST that completes it; a small file is one PUT.
    uploads: () => calls.filter((call) => /^(PUT [^?]+|POST .*\?uploadId)$/.test(call)).map(objectOf),
    begun: () => begunIn(uploadsDir).map(({ key }) => key),
    partsThere: () => begunIn(uploadsDir).flatMap(({ id }) => partsIn(join(uploadsDir, id))).length,
    pathOf,
    remove: (name) => rmSync(pathOf(name)),
    empty: () => rmSync(join(directory, settings.bucket, 'in'), { recursive: true }),
    close: async () => {
      await app.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/**
 * What the server lacks of multipart uploads, told from the files that it keeps: which are begun, which parts they have, and
 * to call one off. As in S3.
 */
function answersMultipart(asked: Call, dir: string): boolean {
  const { method, path, query } = asked;
  const reply = (root: string, content: string, isTruncated = false) => {
    asked.status = 200;
    asked.type = 'application/xml';
    asked.body = `<?xml version="1.0"?><${root}><IsTruncated>${isTruncated}</IsTruncated>${content}</${root}>`;
  };
  const { uploadId = '' } = query;
  if (method === 'GET' && query.uploads !== undefined) {
    const begun = begunIn(dir).filter(({ key }) => key.startsWith(query.prefix ?? ''));
    const uploads = begun.map(({ id, key }) => {
      const since = statSync(join(dir, id)).birthtime.toISOString();
      return `<Upload><Key>${key}</Key><UploadId>${id}</UploadId><Initiated>${since}</Initiated></Upload>`;
    });
    reply('ListMultipartUploadsResult', uploads.join(''));
  } else if (method === 'GET' && uploadId !== '') {
    const after = Number(query['part-number-marker'] ?? 0);
    const left = partsIn(join(dir, uploadId)).filter((number) => Number(number) > after);
    const shown = left.slice(0, PARTS_A_PAGE);
    const listed = shown.map((number) => {
      const etag = readFileSync(join(dir, uploadId, `${number}.md5`), 'utf8');
      const { size } = statSync(join(dir, uploadId, number));
      return `<Part><PartNumber>${number}</PartNumber><ETag>&quot;${etag}&quot;</ETag><Size>${size}</Size></Part>`;
    });
    // Also after the last page, as Swift does.
    const next = `<NextPartNumberMarker>${shown.at(-1) ?? 0}</NextPartNumberMarker>`;
    reply('ListPartsResult', next + listed.join(''), left.length > shown.length);
  } else if (method === 'DELETE' && uploadId !== '' && path !== '') {
    rmSync(join(dir, uploadId), { recursive: true });
    asked.status = 204;
  } else return false;
  return true;
}

function begunIn(dir: string): { readonly id: string; readonly key: string }[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir).map((id) => ({ id, key: readFileSync(join(dir, id, 'key'), 'utf8') }));
}

/** Their numbers; what tells a part's checksum is written once it is whole. */
function partsIn(dir: string): string[] {
  const numbers = readdirSync(dir).flatMap((name) => /^(\d+)\.md5$/.exec(name)?.[1] ?? []);
  return numbers.sort((a, b) => Number(a) - Number(b));
}

function objectOf(call: string): string {
  return call.replace(/^\w+ \/videos\//, '').replace(/\?.*$/, '');
}
