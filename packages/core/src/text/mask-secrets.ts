import { SIGNED_PARAMETER, USER_INFO } from './plain-text.js';

/** Replaces what looks like a key or lets somebody in by a URL by as many stars: columns stay where they are. */
export function maskSecrets(line: string): string {
  const unnamed = line.replace(NAMED, (_, name: string, value: string) => name + '*'.repeat(value.length));
  const unsigned = unnamed.replace(
    SIGNED_PARAMETER,
    (_, name: string, value: string) => name + '*'.repeat(value.length),
  );
  const anonymous = unsigned.replace(
    USER_INFO,
    (whole, scheme: string) => `${scheme}${'*'.repeat(whole.length - scheme.length - 1)}@`,
  );
  return maskHooks(anonymous).replace(/[A-Za-z0-9_:+=~-]{20,}/g, (word) =>
    isKeyLike(word) ? '*'.repeat(word.length) : word,
  );
}

/** What follows the host in the URL of a webhook, by which anybody can post. */
export function maskHooks(text: string): string {
  return text.replace(HOOK, stars);
}

/** Whatever follows the host in any URL, which may be all that whoever knows it needs. */
export function maskAddresses(line: string): string {
  return line.replace(ADDRESS, stars);
}

function stars(_: string, host: string, rest: string): string {
  return host + '*'.repeat(rest.length);
}

const ADDRESS = /(https?:\/\/[^\s"'/]+\/)([^\s"',{}[\]]+)/gi;
/** By a part of the host or of the path. Slack's and Discord's paths have short parts too, which look like no key. */
const HOOK =
  /(https?:\/\/(?=(?:[^\s"'/]*\.)?(?:web)?hooks?\.|[^\s"']*(?:webhooks?|\/hooks?)\/)[^\s"'/]+\/)([^\s"',{}[\]]+)/gi;

/** A value under a name that says what it is, however short. */
const NAMED =
  /((?:api[_-]?key|access[_-]?key|secret|token|passw(?:or)?d|credentials?)["']?\s*[:=]\s*["']?)([^\s"',{}[\]]+)/gi;

/** Long words of a person are made of short parts; keys have a long part that mixes letters and digits. */
function isKeyLike(word: string): boolean {
  return word.split(/[-_:]/).some((part) => part.length >= 12 && /\d/.test(part) && /[A-Za-z]/.test(part));
}
