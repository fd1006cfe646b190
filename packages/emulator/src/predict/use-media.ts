import { isPlayablePicture, type MediaFacts } from '@localize/media';
import { soundMs } from '../media/media-reader.js';
import { resolveMedia, storeDataUri } from '../media/resolve-media.js';
import type { World } from '../world.js';
import type { CreateRoute, MediaInput, MediaProblem, Order } from './create-route.js';

/** The media of an order, found and measured. */
export interface UsableMedia {
  picture: string;
  audio: string[];
  audioMs: number[];
}

/** Opens every media input of an order, or says what is wrong with the first one that can't be used. */
export async function useMedia(
  world: World,
  route: CreateRoute,
  order: Order,
): Promise<UsableMedia | { problem: MediaProblem }> {
  const media: UsableMedia = { picture: '', audio: [], audioMs: [] };
  for (const input of order.media) {
    const found = await find(world, route, input);
    if ('kind' in found) return { problem: { input, kind: found.kind } };
    if (input.role === 'mask') {
      if (!(await isMask(world, route, found.sha256))) return { problem: { input, kind: 'unreadable' } };
      continue;
    }
    const measured = await world.media.measure(found.sha256);
    const facts = 'facts' in measured ? measured.facts : null;
    if (facts === null || !isTaken(route, input.role, facts)) return { problem: { input, kind: 'unreadable' } };
    if (input.role === 'picture') media.picture = found.sha256;
    else {
      media.audio.push(found.sha256);
      media.audioMs.push(soundMs(facts));
    }
  }
  return media;
}

/** Nothing is drawn from a mask: what is in it matters only where the page names kinds of files. */
async function isMask(world: World, { kinds }: CreateRoute, sha256: string): Promise<boolean> {
  if (kinds === undefined) return true;
  const measured = await world.media.measureImage(sha256);
  return 'facts' in measured && kinds.mask.includes(measured.facts.format);
}

function isTaken({ kinds }: CreateRoute, role: 'picture' | 'audio', facts: MediaFacts): boolean {
  if (kinds !== undefined && !kinds[role].includes(facts.container)) return false;
  if (role === 'audio') return facts.audio !== null;
  // The providers take others, too; here pictures are copied into the output, and these no browser would play there.
  return facts.video !== null && isPlayablePicture(facts.video.codec);
}

async function find(
  world: World,
  route: CreateRoute,
  input: MediaInput,
): Promise<{ sha256: string } | { kind: MediaProblem['kind'] }> {
  const resolved = await resolveMedia(world, input.value);
  if ('found' in resolved) return resolved.found;
  if (resolved.problem !== 'data-uri' || !route.takesDataUris) return { kind: resolved.problem };
  return (await storeDataUri(world, input.value)) ?? { kind: 'not-a-url' };
}
