import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { MIGRATIONS } from '../src/store/schema/migrations.js';

/** Beginnings of the SHA-256 of every step. A new step adds its line; no other line ever changes. */
const RELEASED = [
  '86d06258327fb593',
  '63003bb51c74a90f',
  '6022bd7b890e394a',
  '782bed950e90b6b3',
  '25e6c433d07199a3',
  'dd8ef8646816a94e',
  '0d8b4772287664a3',
  '8657427f2993823d',
  '19c79a40e36d1f84',
  '5fb645cfd891ddf3',
  'b3840dbf5b6c8e19',
  'e8f0f9b373135fa9',
  '00609fe270741160',
  '2bc46666280d1d8d',
  '4633c821ec11a5ab',
  '4efbdfdd336f7f2c',
  '76b5d3eaf53c7348',
  'f40b8be98c1bb631',
  '175dfb7042ff7b1d',
  'ca2f7c2853af2558',
  'eaf76cddaea30e99',
  '1da74cb53a0c567c',
  '83027d3e13746b83',
  '0655a83b6af7f3f4',
  '4ce960af560e71f0',
  'ebca102caff69c2d',
  '1b81b8c63e698bce',
  '9deac0920fdea6af',
  '7597d3cdb7e3c964',
  'cde089a7ed07c1f5',
  '3564f51cbac6dd27',
  'e341cdd6daafc794',
  '3cb60ed155495509',
  '0713f19d6ac10e82',
  '0e6cc38337631ca5',
  'ead65418c109fc66',
  'ff87c016d48f6626',
];

/**
 * Steps are put together from parts that other code uses too: an edit of one of those would change what a released version
 * has carried out already, and states would differ by the version that made them.
 */
it('says of every released step what it said when it was released', () => {
  const digests = MIGRATIONS.map((step) => createHash('sha256').update(step).digest('hex').slice(0, 16));
  expect(digests).toEqual(RELEASED);
});
