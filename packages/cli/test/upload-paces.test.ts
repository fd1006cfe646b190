import type { RunEvent } from '@localize/runner';
import { expect, test } from 'vitest';
import { UploadPaces } from '../src/batch/upload-paces.js';

const about = (file: string, destination = 'bucket') => ({ file, destination, totalBytes: 10_000 });
const progress = (atMs: number, file: string, bytes: number, destination?: string): RunEvent => {
  return { type: 'upload:progress', atMs, bytes, ...about(file, destination) };
};

test('uploads are as fast as all that go on at once were together, by destination, pauses left out', () => {
  const paces = new UploadPaces();
  const see = (...events: readonly RunEvent[]) => events.forEach((event) => void paces.onEvent(event));
  expect(paces.of('bucket')).toEqual({ bytesPerMs: null, sentBytes: 0 });
  see(progress(1_000, 'a.mp4', 500));
  expect(paces.of('bucket')).toEqual({ bytesPerMs: null, sentBytes: 500 });
  see(progress(2_000, 'a.mp4', 2_500), progress(2_000, 'b.mp4', 100));
  expect(paces.of('bucket')).toEqual({ bytesPerMs: 2, sentBytes: 2_600 });
  see(progress(3_000, 'a.mp4', 4_500), progress(3_000, 'b.mp4', 2_100));
  expect(paces.of('bucket')).toEqual({ bytesPerMs: 3, sentBytes: 6_600 });
  see({ type: 'upload:done', atMs: 4_000, bytes: 10_000, file: 'a.mp4', destination: 'bucket' });
  see({ type: 'upload:failed', atMs: 4_000, message: 'broke off', file: 'b.mp4', destination: 'bucket' });
  const { bytesPerMs } = paces.of('bucket');
  expect([bytesPerMs, paces.of('bucket').sentBytes, paces.of('fal@queue').bytesPerMs]).toEqual([
    11_500 / 3_000,
    0,
    null,
  ]);
  // An hour in which nothing went up is no slow hour.
  see(progress(3_600_000, 'c.mp4', 100));
  expect(paces.of('bucket').bytesPerMs).toBe(bytesPerMs);
});

test('a line that has become slower is seen to be', () => {
  const paces = new UploadPaces();
  for (let second = 0; second <= 60; second += 1) paces.onEvent(progress(second * 1_000, 'a.mp4', second * 1_000_000));
  expect(paces.of('bucket').bytesPerMs).toBe(1_000);
  for (let second = 1; second <= 300; second += 1) {
    paces.onEvent(progress((60 + second) * 1_000, 'a.mp4', 60_000_000 + second * 1_000));
  }
  expect(paces.of('bucket').bytesPerMs).toBeLessThan(40);
});
